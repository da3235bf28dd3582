/** A file over 400 lines is two files, unless its header says why not. */

import { type Check, problemAt } from "./source.ts";

const MAX_LINES = 400;

/** Finds long files whose header comment has no line `Length: the reason`. */
export const checkFileLength: Check = (source) => {
  const lines = source.text.replace(/\n$/, "").split("\n").length;
  const header = /^\/\*\*[^]*?\*\//.exec(source.text)?.[0] ?? "";
  if (lines <= MAX_LINES || /^[ \t]*\/?\*+[ \t]*Length: \S/m.test(header)) return [];
  const message = `${lines} lines; over ${MAX_LINES} the header needs "Length:" and a reason`;
  return [problemAt(source, 0, message)];
};
