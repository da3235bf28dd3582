/** svok: say by exit code whether a service is supervised. @see https://cr.yp.to/daemontools/svok.html */

import { ERRNO } from "../base/errno.ts";
import { EXIT_OK, EXIT_USAGE } from "../base/exit_codes.ts";
import { fatal, usage } from "../base/messages.ts";
import { errnoOf } from "../base/system_error.ts";
import type { Context } from "../system/context.ts";
import type { FileKernel } from "../system/kernel.ts";
import { CWD } from "../base/kernel_constants.ts";

/** Exit code 0: supervised; 100: not. */
export async function run(context: Context<FileKernel>): Promise<number> {
  const { program, kernel, args: [directory] } = context;
  if (directory === undefined) usage(context.usage);
  let directoryFd: number;
  try {
    directoryFd = kernel.openDirectory(CWD, directory);
  } catch (error) {
    fatal(program, ["unable to chdir to ", directory], error);
  }
  try {
    kernel.openWrite(directoryFd, "supervise/ok");
    return EXIT_OK;
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === ERRNO.ENOENT || errno === ERRNO.ENXIO) return EXIT_USAGE;
    fatal(program, ["unable to open ", directory, "/supervise/ok"], error);
  }
}
