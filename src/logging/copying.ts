/**
 * Copying lines, four bytes at a time: the one thing that logging does most. A call of the runtime
 * for each line (to find its end, to copy it) takes longer than the work itself.
 */

import type { Bytes } from "../base/bytes.ts";

/** Below this, a loop in our own code copies faster than a call of the runtime does. */
const SHORT_COPY = 48;
/** How far behind the end of what is copied bytes may be read or overwritten. */
export const OVERSHOOT = 3;

const NEWLINES = 0x0a0a0a0a;
const ONES = 0x01010101;
const TOP_BITS = 0x80808080;

/** Copies bytes from one array into another one. */
export function copyBytes(from: Bytes, start: number, end: number, into: Bytes, at: number): void {
  if (end - start > SHORT_COPY) {
    into.set(from.subarray(start, end), at);
    return;
  }
  for (let index = start; index < end; index++) into[at++] = from[index]!;
}

/** A view of the same bytes. */
export function viewOf(bytes: Bytes): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

/**
 * Copies a line with its newline, and up to {@linkcode OVERSHOOT} bytes of rubbish behind it.
 *
 * @param stop the line must end before this; at most the input's length less the overshoot
 * @returns the line's length, with its newline; 0 when it does not end in time
 */
export function copyLine(
  from: DataView,
  start: number,
  stop: number,
  into: DataView,
  at: number,
): number {
  const shift = at - start;
  for (let index = start; index < stop; index += 4) {
    const word = from.getInt32(index, true);
    into.setInt32(index + shift, word, true);
    // Bytes that are newlines become zero, and the first zero byte is told by the lowest top bit.
    const rest = word ^ NEWLINES;
    const zeros = (rest - ONES) & ~rest & TOP_BITS;
    if (zeros !== 0) return index + ((31 - Math.clz32(zeros & -zeros)) >> 3) + 1 - start;
  }
  return 0;
}
