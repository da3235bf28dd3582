/** `<sys/uio.h>`: reads that say more than where to. */

import type { Bytes } from "../base/bytes.ts";
import { bind } from "./loader.ts";
import { addressOf } from "./memory.ts";

/** Functions of `<sys/uio.h>`. */
export const uioH = bind({
  preadv2: { parameters: ["i32", "buffer", "i32", "i64", "i32"], result: "isize" }, // ssize_t preadv2(int fd, const struct iovec *pieces, int count, off_t offset, int flags)
});

/** preadv2: as read does, from where the descriptor is. */
export const HERE = -1n;
/** preadv2: fail with EAGAIN instead of waiting, whatever the descriptor's mode. */
export const RWF_NOWAIT = 0x8;

/** Encodes a `struct iovec`; the buffer must be kept alive while C uses it. @see readv(2) */
export function encodeIovec(buffer: Bytes): Bytes {
  const vector = new BigUint64Array([addressOf(buffer), BigInt(buffer.length)]);
  return new Uint8Array(vector.buffer);
}
