/**
 * A log whose `current` was removed while it was in use, alone or with the whole directory: what was
 * in it, which only our descriptor keeps alive, is written again under its old name. What else is
 * found under that name is kept.
 */

import type { Bytes } from "../base/bytes.ts";
import { errnoOf } from "../base/system_error.ts";
import type { Kernel } from "../system/kernel.ts";
import type { OldLogs } from "./old_logs.ts";
import { finishLeftOvers } from "./recovery.ts";

const WORKING_DIRECTORY = -100;
const PIECE_SIZE = 65536;
/** The copy's name until it is complete: the next try must not find half of it. */
const WORK_NAME = "replacing";

/** Whether nothing leads to an open file or directory any more. */
export function isGone(kernel: Kernel, fd: number): boolean {
  return kernel.statFd(fd).links === 0;
}

/**
 * Makes a removed log directory again, or takes the one that has its name by now.
 *
 * @throws {SystemError} when it cannot be made, or is another process's
 */
export function reopenDirectory(
  kernel: Kernel,
  path: Bytes,
): { directoryFd: number; lockFd: number } {
  try {
    kernel.mkdir(WORKING_DIRECTORY, path, 0o700);
  } catch (error) {
    errnoOf(error);
  }
  const directoryFd = kernel.openDirectory(WORKING_DIRECTORY, path);
  let lockFd: number | undefined;
  try {
    lockFd = kernel.openAppend(directoryFd, "lock");
    kernel.lock(lockFd, false);
    kernel.close(kernel.openAppend(directoryFd, "state"));
    return { directoryFd, lockFd };
  } catch (error) {
    if (lockFd !== undefined) kernel.close(lockFd);
    kernel.close(directoryFd);
    throw error;
  }
}

/**
 * Writes a removed `current` again. Files of a log that are in its place get names of their own.
 *
 * @param removedFd the removed file
 * @returns the new file, opened for appending
 * @throws {SystemError} when something fails; then it can be tried again
 */
export async function replaceCurrent(
  kernel: Kernel,
  directoryFd: number,
  oldLogs: OldLogs,
  removedFd: number,
): Promise<number> {
  await finishLeftOvers(kernel, directoryFd, oldLogs);
  await oldLogs.finish("current", "u");
  const newFd = kernel.openTruncate(directoryFd, WORK_NAME);
  try {
    copyAll(kernel, removedFd, newFd);
    kernel.rename(directoryFd, WORK_NAME, "current");
    return newFd;
  } catch (error) {
    kernel.close(newFd);
    throw error;
  }
}

function copyAll(kernel: Kernel, fromFd: number, toFd: number): void {
  // Ours is open for appending only; /proc lets us open the same file for reading.
  const readFd = kernel.openRead(WORKING_DIRECTORY, `/proc/self/fd/${fromFd}`);
  try {
    const piece = new Uint8Array(PIECE_SIZE);
    for (;;) {
      const count = kernel.read(readFd, piece);
      if (count <= 0) return;
      for (let at = 0; at < count;) at += kernel.write(toFd, piece.subarray(at, count));
    }
  } finally {
    kernel.close(readFd);
  }
}
