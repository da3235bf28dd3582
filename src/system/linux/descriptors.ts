/**
 * Descriptors: those that our caller gave us, and those that the runtime and we opened. All of
 * the latter close on exec, so nothing has to be done for a program that we become or start to
 * have exactly the former.
 */

import { decode } from "../../base/bytes.ts";
import { CWD } from "../../base/kernel_constants.ts";
import { F, fcntlH, FD_CLOEXEC } from "../../libc/fcntl_h.ts";
import { linuxFiles } from "./files.ts";

/** All descriptors that were open when this was first asked. */
let noted: ReadonlySet<number> | undefined;

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

/** Takes note of what is open, before something may open more that is not ours to close. */
export function noteDescriptors(): void {
  noted ??= new Set(openDescriptors());
}

/** Descriptors opened after `noteDescriptors` that execve would close. */
export function openedSince(): number[] {
  const before = noted;
  if (before === undefined) return [];
  return openDescriptors().filter((fd) => !before.has(fd) && closesOnExec(fd));
}
