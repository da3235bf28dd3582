/** `<sys/resource.h>`: limits of a process. */

import type { Bytes } from "../base/bytes.ts";
import { bind } from "./loader.ts";

/** Functions of `<sys/resource.h>`. */
export const resourceH = bind({
  getrlimit: { parameters: ["i32", "buffer"], result: "i32" }, // int getrlimit(int resource, struct rlimit *limit)
  setrlimit: { parameters: ["i32", "buffer"], result: "i32" }, // int setrlimit(int resource, const struct rlimit *limit)
  prlimit: { parameters: ["i32", "i32", "buffer", "buffer"], result: "i32" }, // int prlimit(pid_t pid, int resource, const struct rlimit *limit, struct rlimit *old)
});

/** A `struct rlimit`; 2^64 - 1 is "none". */
interface Rlimit {
  readonly soft: bigint;
  readonly hard: bigint;
}

/** Size of `struct rlimit`, in bytes. */
export const RLIMIT_SIZE = 16;

/** Encodes a `struct rlimit`. */
export function encodeLimit(limit: Rlimit): Bytes {
  const buffer = new Uint8Array(RLIMIT_SIZE);
  const view = new DataView(buffer.buffer);
  view.setBigUint64(0, limit.soft, true);
  view.setBigUint64(8, limit.hard, true);
  return buffer;
}

/** Decodes a `struct rlimit`. */
export function decodeLimit(buffer: Bytes): Rlimit {
  const view = new DataView(buffer.buffer, buffer.byteOffset, RLIMIT_SIZE);
  return { soft: view.getBigUint64(0, true), hard: view.getBigUint64(8, true) };
}
