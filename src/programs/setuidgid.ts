/** setuidgid: run a program as another account. @see https://cr.yp.to/daemontools/setuidgid.html */

import { fatal, usage } from "../base/messages.ts";
import { SystemError } from "../base/system_error.ts";
import { limitOf } from "../chain/exec_attributes.ts";
import { runProgram } from "../chain/run_program.ts";
import type { Context } from "../system/context.ts";
import { RLIMIT } from "../base/kernel_constants.ts";
import type { Account } from "../system/kernel.ts";

/** Takes on the account's user and group, and no other group; then runs the program. */
export async function run(context: Context): Promise<number> {
  const { program, kernel, args: [name, ...argv] } = context;
  if (name === undefined || argv.length === 0) usage(context.usage);
  const account = kernel.findAccount(name);
  if (account === null) fatal(program, ["unknown account ", name]);
  become(context, account);
  return await runProgram(context, argv);
}

function become({ program, kernel, execAttributes }: Context, account: Account): void {
  try {
    kernel.becomeAccount(account, limitOf(execAttributes, RLIMIT.NPROC));
  } catch (error) {
    const isUser = error instanceof SystemError && error.call === "setuid";
    fatal(program, [`unable to ${isUser ? "setuid" : "setgid"}`], error);
  }
}
