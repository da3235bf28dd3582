/** Local time on Linux. */

import { decodeTm, timeH, TM_SIZE } from "../../libc/time_h.ts";
import type { LocalClock } from "../kernel.ts";

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
