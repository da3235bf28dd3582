/** Points of time as people write them on a command line. */

import type { Timestamp } from "../base/tai64n.ts";

const UNITS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86400, w: 604800 };
const DAY_SECONDS = 86400;

/**
 * Reads a point of time: `10m` (so long ago; s, m, h, d, w), `14:30` or `14:30:05` (today),
 * `today`, `yesterday`, `2026-01-31`, `2026-01-31 14:30`, with `Z` behind it in UTC.
 *
 * @param now the present
 * @returns undefined for what is none of these
 */
export function parseTime(text: string, now: Timestamp): Timestamp | undefined {
  const [, count, unit] = /^(\d+)([smhdw])$/.exec(text) ?? [];
  if (count !== undefined && unit !== undefined) {
    return { seconds: now.seconds - Number(count) * UNITS[unit]!, nanoseconds: now.nanoseconds };
  }
  const today = new Date(now.seconds * 1000);
  today.setHours(0, 0, 0, 0);
  if (text === "today") return atMilliseconds(today.getTime());
  if (text === "yesterday") {
    // Noon of the day before, whatever the clocks were changed by.
    const before = new Date(today.getTime() - DAY_SECONDS * 500);
    return atMilliseconds(before.setHours(0, 0, 0, 0));
  }
  if (/^\d\d?:\d\d(:\d\d)?$/.test(text)) {
    const [hours = 0, minutes = 0, seconds = 0] = text.split(":").map(Number);
    if (hours > 23 || minutes > 59 || seconds > 59) return undefined;
    return atMilliseconds(today.setHours(hours, minutes, seconds, 0));
  }
  const date = /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d)?))?(Z?)$/.exec(text);
  if (date === null) return undefined;
  return atMilliseconds(Date.parse(`${date[1]}T${date[2] ?? "00:00"}${date[3]}`));
}

function atMilliseconds(milliseconds: number): Timestamp | undefined {
  if (Number.isNaN(milliseconds)) return undefined;
  return { seconds: Math.floor(milliseconds / 1000), nanoseconds: 0 };
}
