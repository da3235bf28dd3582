/** `<time.h>`: the clock. */

import type { Bytes } from "../base/bytes.ts";
import { bind } from "./loader.ts";

/** Functions of `<time.h>`. */
export const timeH = bind({
  clock_gettime: { parameters: ["i32", "buffer"], result: "i32" }, // int clock_gettime(clockid_t clock, struct timespec *into)
});

/** The clock of real time. */
export const CLOCK_REALTIME = 0;
/** Size of `struct timespec`, in bytes. */
export const TIMESPEC_SIZE = 16;

/** Decodes a `struct timespec`. */
export function decodeTimespec(buffer: Bytes): { seconds: number; nanoseconds: number } {
  const view = new DataView(buffer.buffer, buffer.byteOffset, TIMESPEC_SIZE);
  return {
    seconds: Number(view.getBigInt64(0, true)),
    nanoseconds: Number(view.getBigInt64(8, true)),
  };
}
