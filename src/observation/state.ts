/**
 * The word for how a service is. It follows from `supervise/status`, which every supervise
 * writes, and from `supervise/history`, where there is one.
 *
 *  - `up`, or `ready` when it said so; `paused`; `down`;
 *  - `backing off`: it ended, is wanted up, and waits for its next start;
 *  - `finishing`: its finish script runs;
 *  - `failed`: it ended for good, though it was wanted up;
 *  - `orphaned`: its process runs, but nobody supervises it;
 *  - `not supervised`; `unknown` when it cannot be found out.
 */

import type { StatusRecord, Want } from "../base/status_record.ts";
import type { Timestamp } from "../base/tai64n.ts";
import type { HistoryEvent } from "../base/history_lines.ts";
import { eventNumber, lastEvent } from "./history.ts";

/** The words. */
export const STATES = [
  "up",
  "ready",
  "down",
  "finishing",
  "paused",
  "backing off",
  "failed",
  "orphaned",
  "not supervised",
  "unknown",
] as const;

/** One of the words. */
export type State = (typeof STATES)[number];

/** What the state of a supervised service follows from. */
export interface Evidence {
  /** The status record. */
  readonly status: StatusRecord;
  /** The history, oldest first; undefined where none is kept. */
  readonly history: readonly HistoryEvent[] | undefined;
  /** The present. */
  readonly now: Timestamp;
}

/** The state of a supervised service. */
export interface Judgement {
  /** The word. */
  readonly state: State;
  /** When backing off: how long until the next start, in seconds; undefined if unknown. */
  readonly startsInSeconds?: number;
  /** When failed: why, as a word. */
  readonly why?: string;
}

const secondsOf = ({ seconds, nanoseconds }: Timestamp): number => seconds + nanoseconds / 1e9;

/** Whether the last that a process has said of its readiness is that it is ready. */
export function isReady(history: readonly HistoryEvent[]): boolean {
  return lastEvent(history, "ready", "reloading", "stopping", "start", "exit")?.event === "ready";
}

/** Finds the state of a service that somebody supervises. */
export function judge({ status, history, now }: Evidence): Judgement {
  if (status.pid !== 0) {
    if (status.paused) return { state: "paused" };
    return { state: history && isReady(history) ? "ready" : "up" };
  }
  const last = history &&
    lastEvent(history, "start", "exit", "wait", "failed", "finish", "finished");
  if (last?.event === "finish") return { state: "finishing" };
  if (last?.event === "failed") {
    const why = last.details.get("reason");
    return { state: "failed", ...(why === undefined ? {} : { why }) };
  }
  if (status.want !== "up") return { state: "down" };
  const pause = last?.event === "wait" ? eventNumber(last, "seconds") : undefined;
  if (last === undefined || pause === undefined) return { state: "backing off" };
  const startsInSeconds = Math.max(0, secondsOf(last.at) + pause - secondsOf(now));
  return { state: "backing off", startsInSeconds };
}

/** Whether a service is as it is wanted to be; what is not known to be is not. */
export function isAsWanted(state: State, want: Want | undefined): boolean {
  if (state === "up" || state === "ready") return want !== "down";
  return state === "down" && want !== "up";
}
