/** daemontools: the executable called by its own name. Its first argument is a subcommand. */

import { decode, encode } from "../base/bytes.ts";
import { EXIT_USAGE } from "../base/exit_codes.ts";
import { ProgramEnd } from "../base/messages.ts";
import type { Context } from "../system/context.ts";
import type { FileKernel } from "../system/kernel.ts";
import { overview } from "./overview.ts";
import { runCommand } from "./run_command.ts";
import { OPTION_VERBS, VERBS } from "./verbs.ts";

/** Runs the subcommand. An unknown one gets the overview on standard error and exit code 100. */
export async function run(context: Context<FileKernel>): Promise<number> {
  const [first, ...args] = context.args;
  const word = first === undefined ? "" : decode(first);
  const name = Object.hasOwn(OPTION_VERBS, word) ? OPTION_VERBS[word]! : word;
  const verb = Object.hasOwn(VERBS, name) ? VERBS[name] : undefined;
  if (verb === undefined) throw new ProgramEnd(EXIT_USAGE, encode(overview(VERBS)));
  const usage = `${context.program}: usage: ${verb.usage}`;
  return await runCommand(verb, { ...context, args, usage, verbs: VERBS });
}
