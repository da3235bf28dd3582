/**
 * A log directory that was removed while it was in use: its name is made again, and what was in the
 * removed `current`, which only our descriptor keeps alive, is copied there.
 */

import type { Bytes } from "../base/bytes.ts";
import { errnoOf } from "../base/system_error.ts";
import type { Kernel } from "../system/kernel.ts";

const WORKING_DIRECTORY = -100;
const PIECE_SIZE = 65536;

/** Descriptors of a directory that took the place of the removed one. */
export interface Replacement {
  /** The directory. */
  readonly directoryFd: number;
  /** Its lock. */
  readonly lockFd: number;
  /** Its `current`, with all that was in the removed one. */
  readonly currentFd: number;
}

/**
 * Makes a removed log directory again.
 *
 * @param currentFd the removed `current`
 * @throws {SystemError} when the directory cannot be made or is another process's
 */
export function replaceDirectory(kernel: Kernel, path: Bytes, currentFd: number): Replacement {
  try {
    kernel.mkdir(WORKING_DIRECTORY, path, 0o700);
  } catch (error) {
    errnoOf(error);
  }
  const opened: number[] = [];
  try {
    const directoryFd = kernel.openDirectory(WORKING_DIRECTORY, path);
    opened.push(directoryFd);
    const lockFd = kernel.openAppend(directoryFd, "lock");
    opened.push(lockFd);
    kernel.lock(lockFd, false);
    kernel.close(kernel.openTruncate(directoryFd, "state"));
    // Under another name until it is complete: the next try must not find half of it.
    const newFd = kernel.openTruncate(directoryFd, "previous");
    opened.push(newFd);
    copyAll(kernel, currentFd, newFd);
    kernel.rename(directoryFd, "previous", "current");
    return { directoryFd, lockFd, currentFd: newFd };
  } catch (error) {
    for (const fd of opened) kernel.close(fd);
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
