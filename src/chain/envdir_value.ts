/** What a file of an envdir directory says. @see https://cr.yp.to/daemontools/envdir.html */

import type { Bytes } from "../base/bytes.ts";

const [NUL, TAB, NEWLINE, BLANK] = [0x00, 0x09, 0x0a, 0x20];

/**
 * The value in a file: its first line, less blanks and tabs at the end; then each NUL is a newline.
 *
 * @param contents the file's bytes
 * @returns the value, or null when the file is empty and its variable is to be removed
 */
export function decodeEnvdirValue(contents: Bytes): Bytes | null {
  if (contents.length === 0) return null;
  const newline = contents.indexOf(NEWLINE);
  let end = newline < 0 ? contents.length : newline;
  while (end > 0 && (contents[end - 1] === BLANK || contents[end - 1] === TAB)) end--;
  return contents.slice(0, end).map((byte) => byte === NUL ? NEWLINE : byte);
}
