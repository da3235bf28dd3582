/** Naming a mistake on the command line. */

import { concat } from "../base/bytes.ts";
import { EXIT_USAGE } from "../base/exit_codes.ts";
import { SUITE_NAME } from "../base/invocation.ts";
import { messageLine, ProgramEnd } from "../base/messages.ts";
import { closeNames } from "../base/closeness.ts";

/**
 * Ends with `unknown KIND WORD (did you mean OTHER?)`.
 *
 * @param kind what the word was to be
 * @param known the words that could have been meant
 * @throws {ProgramEnd} exit code 100
 */
export function unknownWord(kind: string, word: string, known: readonly string[]): never {
  const [nearest] = closeNames(word, known);
  const hint = nearest === undefined ? "" : ` (did you mean ${nearest}?)`;
  const line = messageLine(SUITE_NAME, "fatal", [`unknown ${kind} ${word}${hint}`]);
  const usage = `${SUITE_NAME}: usage: ${SUITE_NAME} TOOL [ argument ... ]; ` +
    `"${SUITE_NAME} help" lists the tools\n`;
  throw new ProgramEnd(EXIT_USAGE, concat(line, usage));
}
