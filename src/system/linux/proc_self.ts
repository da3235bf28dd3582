/** What the kernel tells this process about itself. */

import type { MemoryMap } from "../../libc/prctl_h.ts";
import { pidfdH } from "../../libc/signal_h.ts";

/** The number of the brk system call on x86-64, the only way to ask where the heap ends. */
const SYS_BRK = 12n;

/** The fields of `/proc/self/stat`, numbered as in proc_pid_stat(5): `field(3)` is the state. */
export function ownStat(): (number: number) => bigint {
  const stat = Deno.readTextFileSync("/proc/self/stat");
  // The second field, the name, is in parentheses and may hold anything; the third is a letter.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).trimEnd().split(" ");
  return (number) => BigInt(fields[number - 3]!);
}

/** Where the parts of this process lie in memory. */
export function memoryMarks(field = ownStat()): MemoryMap {
  return {
    code: [field(26), field(27)],
    data: [field(45), field(46)],
    heap: [field(47), pidfdH.syscall(SYS_BRK, 0n, 0n, 0n, 0n)],
    stackStart: field(28),
    arguments: [field(48), field(49)],
    environment: [field(50), field(51)],
  };
}

/** The text of `/proc/self/status`. */
export function readOwnStatus(): string {
  return Deno.readTextFileSync("/proc/self/status");
}

/**
 * A field of `/proc/self/status`, without the blanks around it.
 *
 * @param text the file's, where several fields are looked at
 * @returns undefined where this kernel does not tell
 */
export function ownStatus(field: string, text = readOwnStatus()): string | undefined {
  const name = `\n${field}:`;
  const start = text.indexOf(name);
  if (start < 0) return undefined;
  const end = text.indexOf("\n", start + 1);
  return text.slice(start + name.length, end < 0 ? undefined : end).trim();
}
