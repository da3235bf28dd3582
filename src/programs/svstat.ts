/** svstat: print the status of services. @see https://cr.yp.to/daemontools/svstat.html */

import { type Bytes, concat } from "../base/bytes.ts";
import { ERRNO, errnoText } from "../base/errno.ts";
import { EXIT_OK } from "../base/exit_codes.ts";
import { errnoOf, unlessMissing } from "../base/system_error.ts";
import { TAI64_OFFSET } from "../base/tai64n.ts";
import { decodeStatus, STATUS_SIZE, type StatusRecord } from "../base/status_record.ts";
import { complain, type Context, writeFully } from "../system/context.ts";
import { CWD } from "../base/kernel_constants.ts";
import type { FileKernel } from "../system/kernel.ts";

/** Prints one line for each directory named; what is wrong with a directory is said in its line. */
export async function run({ kernel, args, usage }: Context<FileKernel>): Promise<number> {
  // A word where the C program says nothing.
  if (args.length === 0) complain(kernel, concat(usage, "\n"));
  const lines = args.map((directory) => concat(directory, ": ", describe(kernel, directory), "\n"));
  try {
    writeFully(kernel, 1, concat(...lines));
  } catch (error) {
    // What else is wrong with it is passed over, as in the C program.
    if (errnoOf(error) === ERRNO.EPIPE) throw error;
  }
  return EXIT_OK;
}

/** A step that failed; the message is what the line says of the directory. */
class FailedStep extends Error {}

function describe(kernel: FileKernel, directory: Bytes): string {
  let directoryFd: number | undefined;
  try {
    directoryFd = attempt("unable to chdir", () => kernel.openDirectory(CWD, directory));
    return describeOpen(kernel, directoryFd);
  } catch (error) {
    if (error instanceof FailedStep) return error.message;
    throw error;
  } finally {
    if (directoryFd !== undefined) kernel.close(directoryFd);
  }
}

function attempt<T>(what: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new FailedStep(`${what}: ${errnoText(errnoOf(error))}`);
  }
}

function describeOpen(kernel: FileKernel, directoryFd: number): string {
  const normallyUp = attempt(
    "unable to stat down",
    () => unlessMissing(() => kernel.stat(directoryFd, "down")) === undefined,
  );
  try {
    kernel.close(kernel.openWrite(directoryFd, "supervise/ok"));
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === ERRNO.ENXIO) return "supervise not running";
    return `unable to open supervise/ok: ${errnoText(errno)}`;
  }
  const statusFd = attempt(
    "unable to open supervise/status",
    () => kernel.openRead(directoryFd, "supervise/status"),
  );
  try {
    const bytes = new Uint8Array(STATUS_SIZE);
    const length = attempt("unable to read supervise/status", () => kernel.read(statusFd, bytes));
    if (length < STATUS_SIZE) return "unable to read supervise/status: bad format";
    return statusLine(decodeStatus(bytes), normallyUp, kernel.now().seconds);
  } finally {
    kernel.close(statusFd);
  }
}

/**
 * The words for one status record.
 *
 * @param normallyUp whether the service has no `down` file
 * @param nowSeconds real time, in whole seconds since 1970
 */
function statusLine(status: StatusRecord, normallyUp: boolean, nowSeconds: number): string {
  const elapsed = BigInt(nowSeconds) + TAI64_OFFSET - status.taiSeconds;
  // Through a double and back, as the C program computes it.
  const seconds = `${BigInt(Number(elapsed < 0n ? 0n : elapsed))} seconds`;
  const isUp = status.pid !== 0;
  let line = isUp ? `up (pid ${status.pid}) ${seconds}` : `down ${seconds}`;
  if (isUp && !normallyUp) line += ", normally down";
  if (!isUp && normallyUp) line += ", normally up";
  if (isUp && status.paused) line += ", paused";
  if (!isUp && status.want === "up") line += ", want up";
  if (isUp && status.want === "down") line += ", want down";
  return line;
}
