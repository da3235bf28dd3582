/** envdir: run a program with variables from files. @see https://cr.yp.to/daemontools/envdir.html */

import { type Bytes, concat } from "../base/bytes.ts";
import { ERRNO } from "../base/errno.ts";
import { EXIT_FAILURE } from "../base/exit_codes.ts";
import { fatal, usage } from "../base/messages.ts";
import { SystemError, unlessMissing } from "../base/system_error.ts";
import { decodeEnvdirValue } from "../chain/envdir_value.ts";
import { applyChange, runProgram } from "../chain/programs.ts";
import type { Context } from "../system/context.ts";
import { CWD, WOULD_BLOCK } from "../base/kernel_constants.ts";
import type { ProgramKernel } from "../system/kernel.ts";

const DOT = 0x2e;
const BLOCK_SIZE = 65536;

/** Sets, or removes, one variable for each file in a directory; then runs the program. */
export async function run(context: Context<ProgramKernel>): Promise<number> {
  const { program, kernel, args: [directory, ...argv] } = context;
  if (directory === undefined || argv.length === 0) usage(context.usage, EXIT_FAILURE);
  let directoryFd: number;
  try {
    directoryFd = kernel.openDirectory(CWD, directory);
  } catch (error) {
    fatal(program, ["unable to switch to directory ", directory], error);
  }
  let environment = context.environment;
  for (const name of variableNames(context, directoryFd, directory)) {
    try {
      environment = applyChange(environment, changeFrom(kernel, directoryFd, name));
    } catch (error) {
      fatal(program, ["unable to read ", directory, "/", name], error);
    }
  }
  kernel.close(directoryFd);
  return await runProgram(context, argv, environment);
}

function variableNames(
  { program, kernel }: Context<ProgramKernel>,
  directoryFd: number,
  path: Bytes,
): Bytes[] {
  try {
    return kernel.readDirectory(directoryFd, ".").filter((name) => name[0] !== DOT);
  } catch (error) {
    fatal(program, ["unable to read directory ", path], error);
  }
}

/** What a file asks for. One that is gone, or a dangling link, removes its variable. */
function changeFrom(kernel: ProgramKernel, directoryFd: number, name: Bytes): Bytes {
  const fileFd = unlessMissing(() => kernel.openRead(directoryFd, name));
  if (fileFd === undefined) return name;
  try {
    const value = decodeEnvdirValue(readWhole(kernel, fileFd));
    return value === null ? name : concat(name, "=", value);
  } finally {
    kernel.close(fileFd);
  }
}

function readWhole(kernel: ProgramKernel, fd: number): Bytes {
  const blocks: Bytes[] = [];
  for (;;) {
    const block = new Uint8Array(BLOCK_SIZE);
    const count = kernel.read(fd, block);
    if (count === WOULD_BLOCK) throw new SystemError("read", ERRNO.EAGAIN);
    if (count === 0) return concat(...blocks);
    blocks.push(block.subarray(0, count));
  }
}
