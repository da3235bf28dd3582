/** pgrphack: run a program in a process group of its own. @see https://cr.yp.to/daemontools/pgrphack.html */

import { usage } from "../base/messages.ts";
import { ignoreSystemError } from "../base/system_error.ts";
import { runProgram } from "../chain/programs.ts";
import type { Context } from "../system/context.ts";
import type { ProgramKernel } from "../system/kernel.ts";

/** Makes a new session; where we lead a group already, everything stays as it is. */
export async function run(context: Context<ProgramKernel>): Promise<number> {
  const { kernel, args } = context;
  if (args.length === 0) usage(context.usage);
  try {
    kernel.newSession();
  } catch (error) {
    ignoreSystemError(error);
  }
  return await runProgram(context, args);
}
