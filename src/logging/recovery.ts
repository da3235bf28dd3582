/**
 * Opening a log directory: the lock, and what an earlier run left.
 *
 * The owner's execute bit of `current` says that the run before this one ended well. Without it,
 * whatever is there gets a name of its own: nothing is thrown away that was not kept elsewhere.
 */

import type { Bytes } from "../base/bytes.ts";
import { ERRNO } from "../base/errno.ts";
import { fatal, type MessagePart } from "../base/messages.ts";
import { errnoOf } from "../base/system_error.ts";
import type { FileStatus, Kernel } from "../system/kernel.ts";
import type { OldLogs } from "./old_logs.ts";

/** `AT_FDCWD`: names are relative to the working directory. */
const WORKING_DIRECTORY = -100;
const OWNER_EXECUTE = 0o100;

/** A file opened for appending. */
export interface OpenedCurrent {
  /** Its descriptor. */
  readonly fd: number;
  /** How much is in it, in bytes. */
  readonly size: number;
  /** Whether the run before this one ended well, so that left-over files were not looked at. */
  readonly wasClean: boolean;
}

function attempt<T>(parts: readonly MessagePart[], step: () => T): T {
  try {
    return step();
  } catch (error) {
    fatal("multilog", parts, error);
  }
}

function statusOf(kernel: Kernel, directoryFd: number, file: string): FileStatus | undefined {
  try {
    return kernel.stat(directoryFd, file);
  } catch (error) {
    if (errnoOf(error) === ERRNO.ENOENT) return undefined;
    throw error;
  }
}

/**
 * Makes, opens and locks a log directory.
 *
 * @returns the directory's and the lock's descriptors
 * @throws {ProgramEnd} when it cannot be opened, or another process has the lock
 */
export function lockDirectory(
  kernel: Kernel,
  path: Bytes,
): { directoryFd: number; lockFd: number } {
  try {
    kernel.mkdir(WORKING_DIRECTORY, path, 0o700);
  } catch (error) {
    // That it exists is what one hopes; for the rest, the next call has better words.
    errnoOf(error);
  }
  const directoryFd = attempt(
    ["unable to open directory ", path],
    () => kernel.openDirectory(WORKING_DIRECTORY, path),
  );
  return attempt(["unable to lock directory ", path], () => {
    const lockFd = kernel.openAppend(directoryFd, "lock");
    kernel.lock(lockFd, false);
    return { directoryFd, lockFd };
  });
}

/** Removes a file that may not be there. */
export function removeIfThere(kernel: Kernel, directoryFd: number, file: string): void {
  try {
    kernel.unlink(directoryFd, file);
  } catch (error) {
    if (errnoOf(error) !== ERRNO.ENOENT) throw error;
  }
}

/**
 * Finishes `previous` and `processed`, which a run left behind that did not end well.
 *
 * @throws {SystemError} when they cannot be looked at
 */
export async function finishLeftOvers(
  kernel: Kernel,
  directoryFd: number,
  oldLogs: OldLogs,
): Promise<void> {
  const processed = statusOf(kernel, directoryFd, "processed");
  if (processed !== undefined && (processed.permissions & OWNER_EXECUTE) !== 0) {
    // The processor had succeeded: its output counts, and its input has done its duty.
    removeIfThere(kernel, directoryFd, "previous");
    await oldLogs.finish("processed", "s");
  } else {
    removeIfThere(kernel, directoryFd, "processed");
    await oldLogs.finish("previous", "u");
  }
}

/**
 * Opens `current` for appending, after recovery if that is due.
 *
 * @throws {ProgramEnd} when it cannot be had
 */
export async function openCurrent(
  kernel: Kernel,
  { directoryFd, path }: { directoryFd: number; path: Bytes },
  oldLogs: OldLogs,
): Promise<OpenedCurrent> {
  const status = attempt(
    ["unable to stat ", path, "/current"],
    () => statusOf(kernel, directoryFd, "current"),
  );
  const wasClean = status !== undefined && (status.permissions & OWNER_EXECUTE) !== 0;
  if (!wasClean) {
    attempt(["unable to write to ", path, "/state"], () => {
      removeIfThere(kernel, directoryFd, "state");
      removeIfThere(kernel, directoryFd, "newstate");
    });
    try {
      await finishLeftOvers(kernel, directoryFd, oldLogs);
    } catch (error) {
      fatal("multilog", ["unable to stat ", path, "/processed"], error);
    }
    try {
      await oldLogs.finish("current", "u");
    } catch (error) {
      fatal("multilog", ["unable to stat ", path, "/current"], error);
    }
    attempt(["unable to write to ", path, "/state"], () => {
      kernel.close(kernel.openTruncate(directoryFd, "state"));
    });
  }
  const fd = attempt(
    ["unable to append to ", path, "/current"],
    () => kernel.openAppend(directoryFd, "current"),
  );
  attempt(["unable to set mode of ", path, "/current"], () => kernel.fchmod(fd, 0o644));
  return { fd, size: kernel.statFd(fd).size, wasClean };
}
