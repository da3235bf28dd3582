/**
 * Descriptors that our caller gave us, and one that only looks so.
 *
 * When it starts, the runtime makes, one after another, a close-on-exec copy of standard input,
 * a plain copy of it, and close-on-exec copies of standard output and error, each with the lowest
 * number that is free. Programs that we run must not get the plain copy. It lies between the first
 * and the third of these, and nothing else does but what our caller gave us: all numbers between
 * them that the runtime did not get were taken.
 *
 * If the caller gave us a copy of standard input which lies there too, nothing tells the two
 * apart; both then stay open, as losing one of the caller's descriptors is worse than one too many.
 */

import { decode } from "../base/bytes.ts";
import { F, fcntlH, FD_CLOEXEC } from "../libc/fcntl_h.ts";
import { CWD } from "./kernel.ts";
import { linuxFiles } from "./linux_files.ts";

/** All descriptors that were open when this was first looked at. */
let initially: ReadonlySet<number> | undefined;

/**
 * Whether two descriptors share one open file. That shows in its `F_SETSIG` number, which does
 * nothing as long as nobody asks for signal-driven input; kcmp would say so too, but is often
 * forbidden in containers.
 */
export function sharesOpenFile(a: number, b: number): boolean {
  if (fcntlH.fcntl(a, F.GETFL, 0) !== fcntlH.fcntl(b, F.GETFL, 0)) return false;
  const signal = fcntlH.fcntl(a, F.GETSIG, 0);
  if (signal < 0 || fcntlH.fcntl(b, F.GETSIG, 0) !== signal) return false;
  if (fcntlH.fcntl(a, F.SETSIG, signal === 1 ? 2 : 1) < 0) return false;
  const shared = fcntlH.fcntl(b, F.GETSIG, 0) !== signal;
  fcntlH.fcntl(a, F.SETSIG, signal);
  return shared;
}

/** Descriptors open in this process, in ascending order, the one used for looking left out. */
export function openDescriptors(): number[] {
  const names = linuxFiles.readDirectory(CWD, "/proc/self/fd");
  const numbers = names.map((name) => Number(decode(name))).sort((a, b) => a - b);
  return numbers.filter((fd) => fcntlH.fcntl(fd, F.GETFD, 0) >= 0);
}

/** Whether a program that we become would not have this descriptor. */
export function closesOnExec(fd: number): boolean {
  return (fcntlH.fcntl(fd, F.GETFD, 0) & FD_CLOEXEC) !== 0;
}

/** Finds the runtime's plain copy of standard input, if it can be told. */
function findPlainCopy(open: readonly number[]): number | undefined {
  let isBetween = false;
  const candidates: number[] = [];
  for (const fd of open) {
    if (fd <= 2) continue;
    if (!isBetween) {
      isBetween = closesOnExec(fd) && sharesOpenFile(0, fd);
    } else if (!closesOnExec(fd)) {
      if (sharesOpenFile(0, fd)) candidates.push(fd);
    } else if (sharesOpenFile(1, fd)) {
      break;
    }
  }
  return candidates.length === 1 ? candidates[0] : undefined;
}

/**
 * Marks the runtime's plain copy of standard input close-on-exec. Does its work once; to be called
 * before rights are given up, when `/proc/self` is still ours.
 */
export function hideRuntimeDescriptors(): void {
  if (initially !== undefined) return;
  const open = openDescriptors();
  initially = new Set(open);
  const plainCopy = findPlainCopy(open);
  if (plainCopy !== undefined) fcntlH.fcntl(plainCopy, F.SETFD, FD_CLOEXEC);
}

/** Descriptors opened after `hideRuntimeDescriptors` first looked, which execve would close. */
export function openedSince(): number[] {
  return openDescriptors().filter((fd) => !initially?.has(fd) && closesOnExec(fd));
}
