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

/** Descriptors open in this process, the one used for looking left out, with their flags. */
function openDescriptors(): Map<number, number> {
  const open = new Map<number, number>();
  for (const name of linuxFiles.readDirectory(CWD, "/proc/self/fd")) {
    const fd = Number(decode(name));
    const flags = fcntlH.fcntl(fd, F.GETFD, 0);
    if (flags >= 0) open.set(fd, flags);
  }
  return open;
}

/** See {@linkcode Execution.inheritedDescriptors}. */
export function inheritedDescriptors(): number[] {
  const inherited: number[] = [];
  for (const [fd, flags] of openDescriptors()) if ((flags & FD_CLOEXEC) === 0) inherited.push(fd);
  return inherited;
}

/** Takes note of what is open, before something may open more that is not ours to close. */
export function noteDescriptors(): void {
  noted ??= new Set(openDescriptors().keys());
}

/** Descriptors opened after `noteDescriptors` that execve would close. */
export function openedSince(): number[] {
  const before = noted;
  if (before === undefined) return [];
  return [...openDescriptors()].filter(([fd, flags]) =>
    !before.has(fd) && (flags & FD_CLOEXEC) !== 0
  )
    .map(([fd]) => fd);
}
