/**
 * The program that an old file goes through: `/bin/sh -c COMMAND` in the log directory, with
 * descriptors 0 (the old file), 1 (what takes its place), 4 (the state that the last run left) and
 * 5 (the state for the next one). Nothing of what it wrote counts until it has ended well.
 *
 * @see https://cr.yp.to/daemontools/multilog.html ("!processor")
 */

import { type Bytes, encode } from "../../base/bytes.ts";
import { ERRNO } from "../../base/errno.ts";
import { SIGNAL } from "../../base/signals.ts";
import { SystemError } from "../../base/system_error.ts";
import type { LogFolder } from "./log_folder.ts";

const STANDARD_ERROR = 2;
/** The bits of a wait status that tell a signal. */
const SIGNAL_BITS = 0x7f;
/** The owner's execute bit says that a file is complete. */
const COMPLETE_MODE = 0o744;

/** A descriptor of ours, and its number in the processor. */
interface DescriptorMove {
  readonly from: number;
  readonly to: number;
}

/**
 * Runs the processor on `previous` until it succeeds. Afterwards its output is `processed`, complete
 * and on the disk, its state is `state`, and `previous` is gone.
 *
 * @param command for `/bin/sh`
 * @throws {GivenUp} when the directory is removed
 */
export async function processPrevious(folder: LogFolder, command: Bytes): Promise<void> {
  const { context: { kernel }, fd: directoryFd, name, retrier } = folder;
  await runUntilItSucceeds(folder, command);
  for (const file of ["processed", "newstate"]) {
    const fd = await retrier.retry(
      ["unable to create ", name, "/", file],
      () => kernel.openAppend(directoryFd, file),
    );
    try {
      await retrier.retry(
        ["unable to write ", name, "/", file, " to disk"],
        () => kernel.fsyncLater(fd),
      );
      if (file === "processed") {
        await retrier.retry(
          ["unable to set mode of ", name, "/processed"],
          () => kernel.fchmod(fd, COMPLETE_MODE),
        );
      }
    } finally {
      kernel.close(fd);
    }
  }
  await retrier.retry(
    ["unable to remove ", name, "/previous"],
    () => kernel.unlink(directoryFd, "previous"),
  );
  await retrier.retry(
    ["unable to rename newstate to state in directory ", name],
    () => kernel.rename(directoryFd, "newstate", "state"),
  );
}

async function runUntilItSucceeds(folder: LogFolder, command: Bytes): Promise<void> {
  const { name, retrier } = folder;
  for (;;) {
    const status = await runOnce(folder, command);
    if (status === 0) return;
    if (status !== null && (status & SIGNAL_BITS) !== 0) {
      const reason = new SystemError("wait", ERRNO.EINTR);
      await retrier.pause(["processor crashed in ", name], reason);
    }
    await retrier.pause(["processor failed in ", name]);
  }
}

/**
 * Runs it once.
 *
 * @returns its wait status; null when its files cannot be opened, which is said
 */
async function runOnce(folder: LogFolder, command: Bytes): Promise<number | null> {
  const { context: { kernel, reporter }, name, retrier } = folder;
  const files: DescriptorMove[] = [];
  try {
    try {
      openFiles(folder, (move) => files.push(move));
    } catch (error) {
      reporter.fatal(["unable to run ", command], error);
      return null;
    }
    return await retrier.retry(
      ["unable to fork for processor in ", name],
      () => startShell(folder, command, files),
    );
  } finally {
    for (const { from } of files) kernel.close(from);
  }
}

/** Opens the processor's files; each is told to `onOpened`. */
function openFiles(
  { context: { kernel }, fd }: LogFolder,
  onOpened: (move: DescriptorMove) => void,
): void {
  onOpened({ from: kernel.openRead(fd, "previous"), to: 0 });
  onOpened({ from: kernel.openTruncate(fd, "processed"), to: 1 });
  // Someone may have removed it; an empty one is what a new directory has, too.
  kernel.close(kernel.openAppend(fd, "state"));
  onOpened({ from: kernel.openRead(fd, "state"), to: 4 });
  onOpened({ from: kernel.openTruncate(fd, "newstate"), to: 5 });
}

/** Starts the command; resolves to its wait status. */
function startShell(
  folder: LogFolder,
  command: Bytes,
  files: readonly DescriptorMove[],
): Promise<number> {
  const { context: { children, environment, errorFd }, fd: directoryFd } = folder;
  const errors = errorFd === STANDARD_ERROR ? [] : [{ from: errorFd, to: STANDARD_ERROR }];
  const descriptors = [...files, ...errors];
  const argv = [encode("sh"), encode("-c"), command];
  const unblockedSignals = [SIGNAL.TERM, SIGNAL.ALRM];
  const plan = { path: "/bin/sh", argv, environment, directoryFd, descriptors, unblockedSignals };
  return new Promise<number>((resolve) => void children.start(plan, resolve));
}
