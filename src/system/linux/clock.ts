/** Clocks on Linux. */

import { CLOCK_REALTIME, decodeTimespec, timeH, TIMESPEC_SIZE } from "../../libc/time_h.ts";
import type { Clock } from "../kernel.ts";
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
