/**
 * Descriptors that our caller gave us, and one that only looks so.
 *
 * When it starts, the runtime makes, one after another, a close-on-exec copy of standard input,
 * a plain copy of it, and close-on-exec copies of standard output and error. Programs that we
 * run must not get the plain copy. It is found by its place among the others.
 */

import { decode } from "../base/bytes.ts";
import { F, fcntlH, FD_CLOEXEC } from "../libc/fcntl_h.ts";
import { CWD } from "./kernel.ts";
import { linuxFiles } from "./linux_files.ts";

let done = false;

/** Whether two descriptors show the same file opened in the same way. */
function looksLikeCopy(a: number, b: number): boolean {
  if (fcntlH.fcntl(a, F.GETFL, 0) !== fcntlH.fcntl(b, F.GETFL, 0)) return false;
  const [one, other] = [linuxFiles.statFd(a), linuxFiles.statFd(b)];
  return one.inode === other.inode && one.device === other.device;
}

/** Descriptors open in this process, in ascending order, the one used for looking included. */
export function openDescriptors(): number[] {
  return linuxFiles.readDirectory(CWD, "/proc/self/fd").map((name) => Number(decode(name)))
    .sort((a, b) => a - b);
}

/** Marks the runtime's plain copy of standard input close-on-exec. Does its work once. */
export function hideRuntimeDescriptors(): void {
  if (done) return;
  done = true;
  let stdinCopy: number | undefined;
  let plainCopy: number | undefined;
  for (const fd of openDescriptors()) {
    const flags = fcntlH.fcntl(fd, F.GETFD, 0);
    if (fd <= 2 || flags < 0) continue;
    const closesOnExec = (flags & FD_CLOEXEC) !== 0;
    if (stdinCopy === undefined) {
      if (closesOnExec && looksLikeCopy(0, fd)) stdinCopy = fd;
    } else if (!closesOnExec) {
      if (looksLikeCopy(0, fd)) plainCopy = fd;
    } else if (looksLikeCopy(1, fd)) {
      break;
    }
  }
  if (plainCopy !== undefined) fcntlH.fcntl(plainCopy, F.SETFD, FD_CLOEXEC);
}
