/** daemontools: the executable called by its own name. Its first argument is a subcommand. */

import { baseName, type Bytes, decode, encode } from "../base/bytes.ts";
import { EXIT_USAGE } from "../base/exit_codes.ts";
import { SUITE_NAME } from "../base/invocation.ts";
import { ProgramEnd } from "../base/messages.ts";
import { closeNames } from "../base/closeness.ts";
import type { Context } from "../system/context.ts";
import type { FileKernel } from "../system/kernel.ts";
import { overview } from "./overview.ts";
import { PROGRAMS } from "./registry.ts";
import { runCommand } from "./run_command.ts";
import { unknownWord } from "./unknown_word.ts";
import { OPTION_VERBS, TYPED_VERBS, VERBS } from "./verbs.ts";

const TOOLS = Object.keys(PROGRAMS);

/**
 * Runs the subcommand. Without one the overview is printed on standard error.
 *
 * @throws {ProgramEnd} exit code 100, when there is no subcommand or no such subcommand
 */
export async function run(context: Context<FileKernel>): Promise<number> {
  const [first, ...args] = context.args;
  const word = first === undefined ? "" : decode(first);
  const name = Object.hasOwn(OPTION_VERBS, word) ? OPTION_VERBS[word]! : word;
  const verb = Object.hasOwn(VERBS, name) ? VERBS[name] : undefined;
  if (verb === undefined) {
    const mistake = mistakeIn(context.invokedAs, first);
    if (mistake !== undefined) unknownWord("tool", mistake, [...TOOLS, ...TYPED_VERBS]);
    throw new ProgramEnd(EXIT_USAGE, encode(overview(VERBS)));
  }
  const usage = `${context.program}: usage: ${verb.usage}`;
  return await runCommand(verb, { ...context, args, usage, verbs: VERBS });
}

/** The word that was to be a tool's name: what we were called by, where it is like a tool's name. */
function mistakeIn(invokedAs: Bytes, first: Bytes | undefined): string | undefined {
  const name = decode(baseName(invokedAs));
  if (name !== SUITE_NAME && closeNames(name, TOOLS).length > 0) return name;
  return first && decode(first);
}
