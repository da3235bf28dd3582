/**
 * How often a service has died under a supervisor that was killed, as its history tells: whoever
 * goes on with it must neither forgive a crash loop nor begin to count it anew.
 */

import { isAskedFor, parseHistory } from "../base/history_lines.ts";
import type { Timestamp } from "../base/tai64n.ts";
import type { Settings } from "./settings.ts";
import type { StartSchedule } from "./start_schedule.ts";

/** Times of a left service, in milliseconds of the monotonic clock. */
export interface LeftTimes {
  /** Now. */
  readonly nowMs: number;
  /** When the service was started last. */
  readonly lastStartMs: number;
  /** When the system was started: what was before does not count. */
  readonly bootMs: number;
}

/**
 * Brings a schedule to where it was: the pause that is due, and the restarts so far.
 *
 * The time of the last end is certain, whatever becomes of the wall clock: it is told by the last
 * start, and by how long that had run. Earlier ones are told by what the history says.
 *
 * @param readHistory reads the text of the history; it is called only where the service has limits
 */
export function restoreSchedule(
  schedule: StartSchedule,
  settings: Settings,
  readHistory: () => string,
  { nowMs, lastStartMs, bootMs }: LeftTimes,
): void {
  const { longestPauseMs, restartLimit } = settings;
  if (longestPauseMs === undefined && restartLimit === undefined) return;
  const history = parseHistory(readHistory());
  const lastStart = history.findLastIndex(({ event }) => event === "start");
  history.forEach(({ event, at, details }, index) => {
    // What was given up is started again by a command alone, which forgives all.
    if (event === "failed" || (event === "start" && details.has("by"))) schedule.allowStart();
    if (event !== "exit") return;
    const ranMs = 1000 * Number(details.get("seconds") ?? 0);
    const endMs = index > lastStart
      ? lastStartMs + ranMs
      : lastStartMs + Math.min(0, differenceMs(at, history[lastStart]!.at));
    if (isAskedFor(details.get("by")) || !(endMs > bootMs)) return;
    schedule.tried(endMs - ranMs);
    schedule.died(Math.min(endMs, nowMs), longestPauseMs);
    if (restartLimit !== undefined) schedule.mayRestart(Math.min(endMs, nowMs), restartLimit);
  });
  schedule.tried(lastStartMs);
}

function differenceMs(one: Timestamp, other: Timestamp): number {
  return 1000 * (one.seconds - other.seconds) + (one.nanoseconds - other.nanoseconds) / 1e6;
}
