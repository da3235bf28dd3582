/** envuidgid: run a program with an account's ids in UID and GID. @see https://cr.yp.to/daemontools/envuidgid.html */

import { encode } from "../base/bytes.ts";
import { fatal, usage } from "../base/messages.ts";
import { applyChange, noteDescriptors, runProgram } from "../chain/programs.ts";
import type { Context } from "../system/context.ts";
import type { ProgramKernel } from "../system/kernel.ts";

/** Sets GID and UID, and runs the program with unchanged rights. */
export async function run(context: Context<ProgramKernel>): Promise<number> {
  const { program, kernel, environment, args: [name, ...argv] } = context;
  if (name === undefined || argv.length === 0) usage(context.usage);
  noteDescriptors(context, argv);
  const account = kernel.findAccount(name);
  if (account === null) fatal(program, ["unknown account ", name]);
  const withGid = applyChange(environment, encode(`GID=${account.gid}`));
  return await runProgram(context, argv, applyChange(withGid, encode(`UID=${account.uid}`)));
}
