/**
 * What is told of services as JSON, for other programs. Version 1: members may be added, none is
 * removed or changes its meaning. `null` stands for what is not so or not known; it is never zero.
 */

import { signalName } from "../base/signals.ts";
import type { Timestamp } from "../base/tai64n.ts";
import { type Exit, restartsSince } from "./history.ts";
import type { Observation } from "./observe.ts";
import { isAsWanted } from "./state.ts";

/** The version of the format. */
export const STATUS_JSON_VERSION = 1;

const HOUR_SECONDS = 3600;

/** Milliseconds are enough for other programs: `2026-01-31T23:59:59.123Z`. */
export function isoTime({ seconds, nanoseconds }: Timestamp): string {
  return new Date(seconds * 1000 + Math.floor(nanoseconds / 1e6)).toISOString();
}

/** Seconds from one point of time to another, never below zero: clocks are set back. */
export function secondsBetween(from: Timestamp, to: Timestamp): number {
  const seconds = to.seconds - from.seconds + (to.nanoseconds - from.nanoseconds) / 1e9;
  return Math.max(0, Math.round(seconds * 1000) / 1000);
}

/** One exit, for JSON. */
function exitJson({ at, pid, code, signal, ranSeconds, by }: Exit): Record<string, unknown> {
  return {
    at: isoTime(at),
    pid: pid === 0 ? null : pid,
    code: code ?? null,
    signal: signal ?? null,
    signalName: signal === undefined ? null : `SIG${signalName(signal)}`,
    ranSeconds: ranSeconds ?? null,
    by: by ?? null,
  };
}

/**
 * One service, for JSON.
 *
 * @param now the present
 */
export function statusJson(observation: Observation, now: Timestamp): Record<string, unknown> {
  const { place, state, since, history, lastExit, usage, logger, readySince, want } = observation;
  return {
    name: place.name,
    path: place.path,
    state,
    why: observation.why ?? null,
    asWanted: state === "unknown" ? null : isAsWanted(state, want),
    pid: observation.pid ?? null,
    since: since === undefined ? null : isoTime(since),
    seconds: since === undefined ? null : secondsBetween(since, now),
    want: want ?? null,
    normallyUp: observation.normallyUp ?? null,
    readySince: readySince === undefined ? null : isoTime(readySince),
    startsInSeconds: observation.startsInSeconds ?? null,
    statusText: observation.statusText ?? null,
    restartsLastHour: history === undefined
      ? null
      : restartsSince(history, now.seconds - HOUR_SECONDS),
    lastExit: lastExit === undefined ? null : exitJson(lastExit),
    cpuSeconds: usage?.cpuSeconds ?? null,
    memoryBytes: usage?.memoryBytes ?? null,
    processes: usage?.processes ?? null,
    hosted: state === "unknown" ? null : observation.isHosted ?? false,
    ...(/\/log$/.test(place.path)
      ? {}
      : { logger: logger === undefined ? null : statusJson(logger, now) }),
  };
}
