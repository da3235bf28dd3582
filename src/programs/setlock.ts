/** setlock: run a program with a file locked. @see https://cr.yp.to/daemontools/setlock.html */

import { baseName } from "../base/bytes.ts";
import { ERRNO } from "../base/errno.ts";
import { EXIT_OK } from "../base/exit_codes.ts";
import { fatal, usage } from "../base/messages.ts";
import { parseOptions } from "../base/options.ts";
import { errnoOf, ignoreSystemError } from "../base/system_error.ts";
import { addAttributes, lowestFreeDescriptors, runProgram } from "../chain/programs.ts";
import type { Context } from "../system/context.ts";
import type { ProgramKernel } from "../system/kernel.ts";
import { CWD } from "../base/kernel_constants.ts";

/** Locks the file, and runs the program, which inherits the locked descriptor. */
export async function run(context: Context<ProgramKernel>): Promise<number> {
  const { program, kernel } = context;
  const { options, rest } = parseOptions(context.args, {
    flags: "nNxX",
    valued: "",
    invokedAs: baseName(context.invokedAs),
    usage: context.usage,
  });
  const lastOf = (letters: string, initially: string): string =>
    options.findLast(({ letter }) => letters.includes(letter))?.letter ?? initially;
  const waits = lastOf("nN", "N") === "N";
  const complains = lastOf("xX", "X") === "X";
  const [file, ...argv] = rest;
  if (file === undefined || argv.length === 0) usage(context.usage);

  let doing = "open";
  let lockFd: number;
  try {
    lockFd = kernel.openAppend(CWD, file);
    doing = "lock";
    lock(kernel, lockFd, waits);
  } catch (error) {
    if (complains) fatal(program, [`unable to ${doing} `, file], error);
    ignoreSystemError(error);
    return EXIT_OK;
  }
  const [to] = lowestFreeDescriptors(kernel, context.execAttributes, 1);
  const descriptors = [{ from: lockFd, to: to! }];
  const execAttributes = addAttributes(context.execAttributes, { descriptors });
  return await runProgram({ ...context, execAttributes }, argv);
}

function lock(kernel: ProgramKernel, fd: number, waits: boolean): void {
  try {
    return kernel.lock(fd, false);
  } catch (error) {
    if (!waits || errnoOf(error) !== ERRNO.EAGAIN) throw error;
  }
  // Others may have it for days.
  kernel.releaseMemory();
  kernel.lock(fd, true);
}
