/** What the checks share: source files, and finding things in their text. */

/** A source file, or in a test of a check, the text of one. */
export interface Source {
  /** From the repository's root, such as `src/base/bytes.ts`. */
  readonly path: string;
  /** All of it. */
  readonly text: string;
}

/** A rule that a file breaks. */
export interface Problem {
  /** The file. */
  readonly path: string;
  /** Counted from 1. */
  readonly line: number;
  /** What is wrong, and what would be right. */
  readonly message: string;
}

/** A check: what it finds wrong in one file. */
export type Check = (source: Source) => Problem[];

/**
 * Makes a problem at a place in a file.
 *
 * @param source the file
 * @param offset the place, as an index into its text
 * @param message what is wrong
 * @returns the problem, with its line
 */
export function problemAt(source: Source, offset: number, message: string): Problem {
  return { path: source.path, line: source.text.slice(0, offset).split("\n").length, message };
}

/** A comment, a string, or (where a value may begin) a regular expression. */
const TOKEN =
  /\/\/[^\n]*|\/\*[^]*?\*\/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\[^]|[^`\\])*`|(?<=[(,=:[!&|?{};\n]\s*)\/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+\//g;

/**
 * Blanks out comments, so that what only they say is not taken for code. Places stay the same.
 *
 * @param text a source text
 * @returns a text of the same length and with the same lines
 */
export function withoutComments(text: string): string {
  return text.replace(
    TOKEN,
    (token) => /^\/[/*]/.test(token) ? token.replace(/[^\n]/g, " ") : token,
  );
}
