/** Words for a shell. */

/** What no shell looks at. */
const BARE = /^[A-Za-z0-9_+=.,:\/@%-]+$/;

/** A word for a shell: as it is where that is safe, else in single quotes. */
export function quoteWord(word: string): string {
  return BARE.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
