/** Clocks on Linux. */

import {
  CLOCK_REALTIME,
  decodeTimespec,
  decodeTm,
  timeH,
  TIMESPEC_SIZE,
  TM_SIZE,
} from "../../libc/time_h.ts";
import type { Clock, LocalClock } from "../kernel.ts";
import { checkResult } from "./check_result.ts";

/** {@linkcode Clock} over the C library and the runtime's monotonic clock. */
export const linuxClock: Clock = {
  now() {
    const buffer = new Uint8Array(TIMESPEC_SIZE);
    checkResult("clock_gettime", timeH.clock_gettime(CLOCK_REALTIME, buffer));
    return decodeTimespec(buffer);
  },
  monotonicMs: () => performance.now(),
};

/** {@linkcode LocalClock} over the C library, which follows `TZ` and the system's zone data. */
export function linuxLocalClock(): LocalClock {
  const seconds = new BigInt64Array(1);
  const secondsBytes = new Uint8Array(seconds.buffer);
  const tm = new Uint8Array(TM_SIZE);
  let ready = false;
  return {
    localTime(at) {
      if (!ready) timeH.tzset();
      ready = true;
      seconds[0] = at;
      if (timeH.localtime_r(secondsBytes, tm) === null) return null;
      const { sec, min, hour, mday, mon, year, gmtoff } = decodeTm(tm);
      return {
        year: year + 1900,
        month: mon + 1,
        day: mday,
        hour,
        minute: min,
        second: sec,
        offsetSeconds: gmtoff,
      };
    },
  };
}
