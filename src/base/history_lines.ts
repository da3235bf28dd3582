/**
 * The lines of `supervise/history`, oldest first. Each is a TAI64N label, the event's name, and
 * `KEY=VALUE` words.
 *
 *     @4000000065a0c4b02b0d6f14 start pid=1234
 *     @4000000065a0c4ba00000000 exit pid=1234 code=1 seconds=9.283 by=t
 */

import { parseTai64nLabel, type Timestamp } from "./tai64n.ts";

/** One line. */
export interface HistoryEvent {
  /** When it was. */
  readonly at: Timestamp;
  /** `start`, `exit`, `wait`, `failed`, `finish`, `finished`, `ready`, … */
  readonly event: string;
  /** The words behind it. */
  readonly details: ReadonlyMap<string, string>;
}

/**
 * Whether an end is no death: somebody asked for it. A watchdog asks because the service hangs.
 *
 * @param by who asked, as the history says it; undefined when nobody did
 */
export function isAskedFor(by: string | undefined): boolean {
  return by !== undefined && by !== "watchdog";
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
