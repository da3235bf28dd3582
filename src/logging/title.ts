/** The text that readproctitle shows: three bytes that stay, then the last bytes of its input. */

import type { Bytes } from "../base/bytes.ts";

/** How many bytes at the front of a title stay as they are. */
const FIXED = 3;

/** The shortest title that can scroll. */
export const MIN_TITLE_SIZE = 5;

/**
 * Scrolls input into a title from the right. NULs are dropped: they would end the title.
 *
 * @param title changed in place
 * @param input any number of bytes, of which those that fall out at once are not touched
 */
export function scrollTitle(title: Bytes, input: Bytes): void {
  const window = title.subarray(FIXED);
  const text = input.includes(0) ? input.filter((byte) => byte !== 0) : input;
  const shown = text.subarray(Math.max(0, text.length - window.length));
  window.copyWithin(0, shown.length);
  window.set(shown, window.length - shown.length);
}
