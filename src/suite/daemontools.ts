/** daemontools: the executable called by its own name. Its first argument is a subcommand. */

import { decode } from "../base/bytes.ts";
import type { Context } from "../system/context.ts";
import type { FileKernel } from "../system/kernel.ts";
import { runCommand } from "./run_command.ts";
import { OPTION_VERBS, VERBS } from "./verbs.ts";

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
    const { endWithoutSubcommand } = await import("./no_subcommand.ts");
    return endWithoutSubcommand(context.invokedAs, first);
  }
  const usage = `${context.program}: usage: ${verb.usage}`;
  return await runCommand(verb, { ...context, args, usage, verbs: VERBS });
}
