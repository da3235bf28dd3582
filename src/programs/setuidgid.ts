/** setuidgid: run a program as another account. @see https://cr.yp.to/daemontools/setuidgid.html */

import { encode, equalBytes } from "../base/bytes.ts";
import { usage } from "../base/messages.ts";
import { becomeAccountNamed, noteDescriptors, runProgram } from "../chain/programs.ts";
import type { Context } from "../system/context.ts";
import type { ProgramKernel } from "../system/kernel.ts";

/** No account has this name. */
const WITH_GROUPS = encode("-s");

/**
 * Takes on the account's user and group, and with `-s` its other groups too; then runs the program.
 */
export async function run(context: Context<ProgramKernel>): Promise<number> {
  const { program, args } = context;
  const withGroups = args[0] !== undefined && equalBytes(args[0], WITH_GROUPS);
  const [name, ...argv] = withGroups ? args.slice(1) : args;
  if (name === undefined || argv.length === 0) usage(context.usage);
  noteDescriptors(context, argv);
  becomeAccountNamed(context, program, name, withGroups);
  return await runProgram(context, argv);
}
