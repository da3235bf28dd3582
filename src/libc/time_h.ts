/** `<time.h>`: the clock. */

import type { Bytes } from "../base/bytes.ts";
import { bind } from "./loader.ts";

/** Functions of `<time.h>`. */
export const timeH = bind({
  clock_gettime: { parameters: ["i32", "buffer"], result: "i32" }, // int clock_gettime(clockid_t clock, struct timespec *into)
  tzset: { parameters: [], result: "void" }, // void tzset(void)
  localtime_r: { parameters: ["buffer", "buffer"], result: "pointer" }, // struct tm *localtime_r(const time_t *time, struct tm *into)
});

/** Size of glibc's `struct tm`, in bytes. */
export const TM_SIZE = 56;

/** The fields of a `struct tm`, as C counts them: years from 1900, months from 0. */
export interface Tm {
  /** Seconds. */
  readonly sec: number;
  /** Minutes. */
  readonly min: number;
  /** Hours. */
  readonly hour: number;
  /** Day of the month, from 1. */
  readonly mday: number;
  /** Month, from 0. */
  readonly mon: number;
  /** Year, from 1900. */
  readonly year: number;
  /** Seconds ahead of UTC. */
  readonly gmtoff: number;
}

/** Decodes a `struct tm` of glibc on x86-64. */
export function decodeTm(buffer: Bytes): Tm {
  const view = new DataView(buffer.buffer, buffer.byteOffset, TM_SIZE);
  const field = (index: number) => view.getInt32(4 * index, true);
  return {
    sec: field(0),
    min: field(1),
    hour: field(2),
    mday: field(3),
    mon: field(4),
    year: field(5),
    gmtoff: Number(view.getBigInt64(40, true)),
  };
}

/** The clock of real time. */
export const CLOCK_REALTIME = 0;
/** The clock that began at boot, and went on while the system slept. */
export const CLOCK_BOOTTIME = 7;
const TIMESPEC_SIZE = 16;

/** A `struct timespec`, for C to fill in as often as one likes. */
export class Timespec {
  /** The structure itself. */
  readonly bytes: Bytes = new Uint8Array(TIMESPEC_SIZE);
  readonly #view = new DataView(this.bytes.buffer);

  /** Whole seconds. */
  get seconds(): number {
    return this.#view.getInt32(4, true) * 2 ** 32 + this.#view.getUint32(0, true);
  }

  /** Nanoseconds within the second. */
  get nanoseconds(): number {
    return this.#view.getUint32(8, true);
  }
}
