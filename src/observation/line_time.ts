/**
 * The time in front of a line of a log, in the forms that multilog writes: a TAI64N label, or ISO
 * 8601 with nanoseconds, of UTC or of a place.
 */

import { type Bytes, decode } from "../base/bytes.ts";
import { LABEL_LENGTH, parseTai64nLabel, type Timestamp } from "../base/tai64n.ts";

const AT_SIGN = 0x40;
const BLANK = 0x20;
const NEWLINE = 0x0a;
/** `2026-01-31T23:59:59.123456789+01:00` is the longest. */
const LONGEST_ISO = 35;
const ISO = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.(\d{9})(Z|[+-]\d\d:\d\d) /;

/** A line taken apart. */
export interface DatedLine {
  /** When it was written; undefined when it does not say. */
  readonly at: Timestamp | undefined;
  /** What stands behind the time, without the newline. */
  readonly text: Bytes;
}

/** Takes a line apart; it may end in a newline or not. */
export function readLineTime(line: Bytes): DatedLine {
  const whole = line.at(-1) === NEWLINE ? line.subarray(0, -1) : line;
  if (whole[0] === AT_SIGN && (whole.length === LABEL_LENGTH || whole[LABEL_LENGTH] === BLANK)) {
    const at = parseTai64nLabel(decode(whole.subarray(0, LABEL_LENGTH)));
    if (at !== undefined) return { at, text: whole.subarray(LABEL_LENGTH + 1) };
  }
  // Years begin with 1 or 2 for some time.
  if (whole[0] === 0x31 || whole[0] === 0x32) {
    const match = ISO.exec(decode(whole.subarray(0, LONGEST_ISO + 1)));
    const milliseconds = match ? Date.parse(`${match[1]}${match[3]}`) : NaN;
    if (match && !Number.isNaN(milliseconds)) {
      const at = { seconds: milliseconds / 1000, nanoseconds: Number(match[2]) };
      return { at, text: whole.subarray(match[0].length) };
    }
  }
  return { at: undefined, text: whole };
}

/** Orders two points of time; what is not known comes first. */
export function compareTimes(a: Timestamp | undefined, b: Timestamp | undefined): number {
  if (a === undefined || b === undefined) return Number(a !== undefined) - Number(b !== undefined);
  return a.seconds - b.seconds || a.nanoseconds - b.nanoseconds;
}
