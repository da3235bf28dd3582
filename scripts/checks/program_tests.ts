/** Each program has a test file of its own, named after it. */

import type { Problem } from "./source.ts";

const PROGRAM = /^src\/programs\/(\w+)\.ts$/;

/**
 * Finds programs without a test file.
 *
 * @param paths the paths of all source files, from the repository's root
 * @returns a problem for each program that no `tests/programs/NAME_test.ts` is named after
 */
export function checkProgramTests(paths: readonly string[]): Problem[] {
  const all = new Set(paths);
  return paths.flatMap((path) => {
    const name = PROGRAM.exec(path)?.[1];
    if (name === undefined) return [];
    const test = `tests/programs/${name}_test.ts`;
    return all.has(test) ? [] : [{ path, line: 1, message: `there is no ${test}` }];
  });
}
