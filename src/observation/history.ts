/**
 * What `supervise/history` tells: the last starts and ends of a service, as text, oldest first.
 * One line per event: a TAI64N label, the event's name, and `KEY=VALUE` words.
 *
 *     @4000000065a0c4b02b0d6f14 start pid=1234
 *     @4000000065a0c4ba00000000 exit pid=1234 code=1 seconds=9.283 by=t
 *
 * C supervise writes no such file: what it would tell is then unknown, which is not zero. Events
 * and keys that are not known here are passed over.
 */

import { parseTai64nLabel, type Timestamp } from "../base/tai64n.ts";

/** One line. */
export interface HistoryEvent {
  /** When it was. */
  readonly at: Timestamp;
  /** `start`, `exit`, `wait`, `failed`, `finish`, `finished`, `ready`, … */
  readonly event: string;
  /** The words behind it. */
  readonly details: ReadonlyMap<string, string>;
}

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

/** Reads the text of a history file; lines that are no events are left out. */
export function parseHistory(text: string): HistoryEvent[] {
  const events: HistoryEvent[] = [];
  for (const line of text.split("\n")) {
    const [label = "", event = "", ...words] = line.split(" ");
    const at = parseTai64nLabel(label);
    if (at === undefined || event === "") continue;
    const details = new Map<string, string>();
    for (const word of words) {
      const equals = word.indexOf("=");
      if (equals > 0) details.set(word.slice(0, equals), word.slice(equals + 1));
    }
    events.push({ at, event, details });
  }
  return events;
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
