/** What is said where `daemontools` is called without a subcommand, or with a word that is none. */

import { baseName, type Bytes, decode, encode } from "../base/bytes.ts";
import { closeNames } from "../base/closeness.ts";
import { EXIT_USAGE } from "../base/exit_codes.ts";
import { SUITE_NAME } from "../base/invocation.ts";
import { ProgramEnd } from "../base/messages.ts";
import { overview } from "./overview.ts";
import { PROGRAMS } from "./registry.ts";
import { unknownWord } from "./unknown_word.ts";
import { TYPED_VERBS, VERBS } from "./verbs.ts";

const TOOLS = Object.keys(PROGRAMS);

/**
 * Names the mistake; where no word is to blame, the overview is printed on standard error.
 *
 * @param invokedAs argv[0]
 * @param first the argument behind it
 * @throws {ProgramEnd} exit code 100
 */
export function endWithoutSubcommand(invokedAs: Bytes, first: Bytes | undefined): never {
  const mistake = mistakeIn(invokedAs, first);
  if (mistake !== undefined) unknownWord("tool", mistake, [...TOOLS, ...TYPED_VERBS]);
  throw new ProgramEnd(EXIT_USAGE, encode(overview(VERBS)));
}

/** The word that was to be a tool's name: what we were called by, where it is like a tool's name. */
function mistakeIn(invokedAs: Bytes, first: Bytes | undefined): string | undefined {
  const name = decode(baseName(invokedAs));
  if (name !== SUITE_NAME && closeNames(name, TOOLS).length > 0) return name;
  return first && decode(first);
}
