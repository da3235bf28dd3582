/** setuidgid: run a program as another account. @see https://cr.yp.to/daemontools/setuidgid.html */

import { usage } from "../base/messages.ts";
import { becomeAccountNamed } from "../chain/account.ts";
import { runProgram } from "../chain/run_program.ts";
import type { Context } from "../system/context.ts";

/** Takes on the account's user and group, and no other group; then runs the program. */
export async function run(context: Context): Promise<number> {
  const { program, args: [name, ...argv] } = context;
  if (name === undefined || argv.length === 0) usage(context.usage);
  becomeAccountNamed(context, program, name);
  return await runProgram(context, argv);
}
