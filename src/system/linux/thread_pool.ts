/**
 * The runtime's thread pool, which makes the calls that are declared `nonblocking`.
 *
 * When it cannot make one more thread (pids.max, RLIMIT_NPROC), a call waits until a thread of the
 * pool is free; when the pool has no thread at all, the runtime aborts. A thread that has had no
 * work for ten seconds ends. So before such a call somebody must make sure that there is a thread,
 * or that one can be made.
 */

import { canMakeThread } from "../../libc/pthread_h.ts";
import { ownStatus } from "./proc_self.ts";

/** For so long after a call its thread is still there, in milliseconds. */
const THREAD_STAYS_MS = 9000;

/** How many threads this process has when the pool has none. */
let others: number | undefined;
let lastCallMs = -Infinity;

function threadCount(): number {
  return Number(ownStatus("Threads") ?? "1");
}

/** Whether a nonblocking call was made already. */
export function isPoolInUse(): boolean {
  return lastCallMs !== -Infinity;
}

/**
 * Whether a nonblocking call can be made now. Whoever gets a yes makes the call at once.
 *
 * @returns false when the call would end this process
 */
export function canUsePool(): boolean {
  const nowMs = performance.now();
  others ??= threadCount();
  const can = nowMs - lastCallMs < THREAD_STAYS_MS || threadCount() > others || canMakeThread();
  if (can) lastCallMs = nowMs;
  return can;
}
