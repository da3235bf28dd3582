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

const IOVEC_SIZE = 16;

/** A `struct iovec` that can be pointed at one buffer after the other. @see readv(2) */
export class IoVector {
  /** The structure itself. */
  readonly bytes: Bytes = new Uint8Array(IOVEC_SIZE);
  readonly #view = new DataView(this.bytes.buffer);
  /** What it points at: its address is asked for only once, as that takes long. */
  #memory: ArrayBufferLike | undefined;
  #address = 0n;

  /** Points it at a buffer, which it keeps alive until the next one. */
  point(buffer: Bytes): void {
    if (buffer.buffer !== this.#memory) {
      this.#memory = buffer.buffer;
      this.#address = addressOf(buffer) - BigInt(buffer.byteOffset);
    }
    this.#view.setBigUint64(0, this.#address + BigInt(buffer.byteOffset), true);
    this.#view.setBigUint64(8, BigInt(buffer.length), true);
  }
}
