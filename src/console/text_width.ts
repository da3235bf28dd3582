/**
 * How wide texts are on a terminal: without the whole of Unicode's table, so a few rare characters
 * count wrongly.
 *
 * @see Unicode Standard Annex 11, East Asian Width
 */

const CONTROL = /^\p{Cc}$/u;
/** Written over the character before. */
const NONE = /^[\p{Mn}\p{Me}\u1160-\u11ff\u200b-\u200f\u2060-\u2064]$/u;
/** East Asian, and emoji. */
const DOUBLE =
  /^[\p{Emoji_Presentation}\u1100-\u115f\u2e80-\u303e\u3041-\u4dbf\u4e00-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]$/u;

/** How many columns of a terminal a text takes. */
export function textWidth(text: string): number {
  let width = 0;
  for (const character of text) {
    if (CONTROL.test(character) || NONE.test(character)) continue;
    width += DOUBLE.test(character) ? 2 : 1;
  }
  return width;
}
