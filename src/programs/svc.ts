/** svc: control services. @see https://cr.yp.to/daemontools/svc.html */

import { baseName, type Bytes, concat, encode, startsWith } from "../base/bytes.ts";
import { ERRNO } from "../base/errno.ts";
import { EXIT_OK } from "../base/exit_codes.ts";
import { parseOptions } from "../base/options.ts";
import { errnoOf } from "../base/system_error.ts";
import { CONTROL_LETTERS, MORE_CONTROL_LETTERS } from "../supervision/control.ts";
import { complain, type Context, warn, writeFully } from "../system/context.ts";
import { CWD } from "../base/kernel_constants.ts";
import type { FileKernel } from "../system/kernel.ts";

const LONG_OPTION = encode("--");
const OPTIONS_LINE = "svc options: u up, d down, o once, x exit, p pause, c continue, h hup, " +
  "a alarm, i interrupt, t term, k kill";

/** Sends each option letter, in order of first appearance, to every directory named. */
export async function run(context: Context<FileKernel>): Promise<number> {
  const { kernel } = context;
  const { options, rest } = parseOptions(context.args, {
    flags: CONTROL_LETTERS + MORE_CONTROL_LETTERS,
    valued: "",
    invokedAs: baseName(context.invokedAs),
    usage: OPTIONS_LINE,
  });
  const unique = [...new Set(options.map((option) => option.letter))].join("");
  // What the next call sends is for the process again.
  const letters = encode(unique.includes("+") ? `${unique}=` : unique);
  hintAtMistake(context, letters, rest);
  for (const directory of rest) control(context, kernel, directory, letters);
  return EXIT_OK;
}

/** A word where the C program does nothing and says nothing. */
function hintAtMistake(
  context: Context<FileKernel>,
  letters: Bytes,
  directories: readonly Bytes[],
): void {
  const [first] = context.args;
  if (directories.length > 0 && letters.length > 0) return;
  if (first && startsWith(first, LONG_OPTION)) {
    warn(context, ["ignoring ", first, ": options are single letters"]);
  }
  complain(context.kernel, concat(context.usage, "\n"));
}

function control(
  context: Context<FileKernel>,
  kernel: FileKernel,
  directory: Bytes,
  letters: Bytes,
): void {
  let directoryFd: number;
  try {
    directoryFd = kernel.openDirectory(CWD, directory);
  } catch (error) {
    return warn(context, ["unable to chdir to ", directory], error);
  }
  try {
    send(context, kernel, directory, directoryFd, letters);
  } finally {
    kernel.close(directoryFd);
  }
}

function send(
  context: Context<FileKernel>,
  kernel: FileKernel,
  directory: Bytes,
  directoryFd: number,
  letters: Bytes,
): void {
  let controlFd: number;
  try {
    controlFd = kernel.openWrite(directoryFd, "supervise/control");
  } catch (error) {
    if (errnoOf(error) === ERRNO.ENXIO) {
      return warn(context, ["unable to control ", directory, ": supervise not running"]);
    }
    return warn(context, ["unable to control ", directory], error);
  }
  try {
    // A FIFO that is full must not cost a command.
    kernel.setBlocking(controlFd);
    writeFully(kernel, controlFd, letters);
  } catch (error) {
    warn(context, ["error writing commands to ", directory], error);
  } finally {
    kernel.close(controlFd);
  }
}
