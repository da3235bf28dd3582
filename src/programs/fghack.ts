/** fghack: wait for a program that puts itself into the background. @see https://cr.yp.to/daemontools/fghack.html */

import { ERRNO } from "../base/errno.ts";
import { fatal, usage } from "../base/messages.ts";
import { errnoOf } from "../base/system_error.ts";
import {
  addAttributes,
  attributesFor,
  candidatePaths,
  failToRun,
  limitOf,
  lowestFreeDescriptors,
  tryEach,
} from "../chain/programs.ts";
import type { Context } from "../system/context.ts";
import { CWD, RLIMIT } from "../base/kernel_constants.ts";
import type { ProcessKernel } from "../system/kernel.ts";

/** How many write ends of the pipe the program gets: more than a daemon closes. */
const WRITE_ENDS = 31;
const BLOCK_SIZE = 4096;

/**
 * Runs the program with many descriptors of a pipe, waits until all its descendants have closed
 * them, and then for the program.
 */
export async function run(context: Context<ProcessKernel>): Promise<number> {
  const { program, kernel, args } = context;
  if (args.length === 0) usage(context.usage);
  let pipe: { readFd: number; writeFd: number };
  try {
    pipe = kernel.pipe();
  } catch (error) {
    fatal(program, ["unable to create pipe"], error);
  }
  const childPid = start(context, pipe.writeFd);
  kernel.close(pipe.writeFd);
  kernel.releaseMemory();
  readToEnd(kernel, pipe.readFd);
  let status: number;
  try {
    status = kernel.waitForEnd(childPid);
  } catch (error) {
    fatal(program, ["wait failed"], error);
  }
  if ((status & 0x7f) !== 0) fatal(program, ["child crashed"]);
  return (status >> 8) & 0xff;
}

function start(context: Context<ProcessKernel>, writeFd: number): number {
  const { program, kernel, args, environment, execAttributes } = context;
  const { soft: limit } = limitOf(execAttributes, RLIMIT.NOFILE) ?? kernel.getLimit(RLIMIT.NOFILE);
  const descriptors = lowestFreeDescriptors(kernel, execAttributes, WRITE_ENDS)
    .filter((fd) => fd < limit)
    .map((to) => ({ from: writeFd, to }));
  const attributes = addAttributes(execAttributes, { descriptors });
  const name = args[0]!;
  try {
    return tryEach(
      candidatePaths(name, environment),
      (path) => {
        const given = attributesFor(kernel, path, environment, attributes);
        return kernel.spawn({ path, argv: args, directoryFd: CWD, ...given });
      },
    );
  } catch (error) {
    if (errnoOf(error) === ERRNO.EAGAIN) fatal(program, ["unable to fork"], error);
    failToRun(context, name, error);
  }
}

function readToEnd(kernel: ProcessKernel, readFd: number): void {
  const block = new Uint8Array(BLOCK_SIZE);
  while (kernel.read(readFd, block) > 0);
}
