/**
 * multilog's patterns: bytes that stand for themselves, and a star that looks for the first
 * place where the byte behind it occurs, and never for another.
 *
 * @see https://cr.yp.to/daemontools/multilog.html ("Selecting lines")
 */

import type { Bytes } from "../base/bytes.ts";

const STAR = 0x2a;

/**
 * Says whether a pattern matches a whole line.
 *
 * @param pattern the pattern
 * @param line where the line is
 * @param start the line's first byte
 * @param end behind the line's last byte
 */
export function matches(pattern: Bytes, line: Bytes, start: number, end: number): boolean {
  let at = start;
  for (let index = 0; index < pattern.length; index++) {
    const wanted = pattern[index]!;
    if (wanted !== STAR) {
      if (at === end || line[at] !== wanted) return false;
      at++;
      continue;
    }
    if (index === pattern.length - 1) return true;
    // The byte behind the star, a star included, is looked for as itself; what becomes of it at
    // that place is the next turn's affair: two stars look for a star and then begin again there.
    const sought = pattern[index + 1]!;
    while (at < end && line[at] !== sought) at++;
    if (at === end) return false;
  }
  return at === end;
}
