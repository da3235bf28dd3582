/**
 * What `supervise/history` tells: the last starts and ends of a service.
 *
 * C supervise writes no such file: what it would tell is then unknown, which is not zero. Events
 * and keys that are not known here are passed over.
 */

import type { HistoryEvent } from "../base/history_lines.ts";
import type { Timestamp } from "../base/tai64n.ts";

/** How a process ended. */
export interface Exit {
  /** When. */
  readonly at: Timestamp;
  /** Its process id; 0 if unknown. */
  readonly pid: number;
  /** Its exit code, unless a signal ended it or that is unknown. */
  readonly code?: number;
  /** The number of the signal that ended it. */
  readonly signal?: number;
  /** How long it had run, in seconds. */
  readonly ranSeconds?: number;
  /** Who asked for it: a letter of svc, or a word; undefined when nobody is known to have. */
  readonly by?: string;
}

function numberOf(details: ReadonlyMap<string, string>, key: string): number | undefined {
  const text = details.get(key);
  const value = text === undefined || text === "" ? NaN : Number(text);
  return Number.isFinite(value) ? value : undefined;
}

/** The exits in a history, oldest first. */
export function exitsIn(history: readonly HistoryEvent[]): Exit[] {
  return history.filter(({ event }) => event === "exit").map(({ at, details }) => {
    const code = numberOf(details, "code");
    const signal = numberOf(details, "signal");
    const ranSeconds = numberOf(details, "seconds");
    const by = details.get("by");
    return {
      at,
      pid: numberOf(details, "pid") ?? 0,
      ...(code === undefined ? {} : { code }),
      ...(signal === undefined ? {} : { signal }),
      ...(ranSeconds === undefined ? {} : { ranSeconds }),
      ...(by === undefined ? {} : { by }),
    };
  });
}

/** How many starts came after an exit, from a second of real time on. */
export function restartsSince(history: readonly HistoryEvent[], seconds: number): number {
  let exits = 0;
  let restarts = 0;
  for (const { event, at } of history) {
    if (event === "exit") exits++;
    else if (event === "start" && exits > 0 && at.seconds >= seconds) restarts++;
  }
  return restarts;
}

/** The last event with one of these names. */
export function lastEvent(
  history: readonly HistoryEvent[],
  ...names: readonly string[]
): HistoryEvent | undefined {
  return history.findLast(({ event }) => names.includes(event));
}

/** What an event says in a number, if it says it. */
export function eventNumber(event: HistoryEvent | undefined, key: string): number | undefined {
  return event && numberOf(event.details, key);
}
