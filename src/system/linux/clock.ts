/** Clocks on Linux. */

import { CLOCK_REALTIME, timeH, Timespec } from "../../libc/time_h.ts";
import type { Clock } from "../kernel.ts";
import { checkResult } from "./check_result.ts";

/** Looked at for each piece of input: a new one each time would be much garbage. */
const time = new Timespec();

/** {@linkcode Clock} over the C library and the runtime's monotonic clock. */
export const linuxClock: Clock = {
  now() {
    checkResult("clock_gettime", timeH.clock_gettime(CLOCK_REALTIME, time.bytes));
    return { seconds: time.seconds, nanoseconds: time.nanoseconds };
  },
  monotonicMs: () => performance.now(),
};
