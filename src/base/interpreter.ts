/** Why a script that is there is said not to exist: its interpreter does not. @see execve(2) */

import { type Bytes, decode } from "./bytes.ts";
import { ERRNO } from "./errno.ts";
import { ignoreSystemError } from "./system_error.ts";

/** The kernel looks at so many bytes of a script's first line. */
const HEAD_SIZE = 256;
const NEWLINE = 0x0a;

/** What is needed of the kernel. */
interface Reading {
  openRead(at: number, path: string | Bytes): number;
  read(fd: number, into: Bytes): number;
  close(fd: number): void;
}

/**
 * Explains an execution that failed with ENOENT, where the interpreter is at fault.
 *
 * @param at the directory descriptor that the path is relative to
 * @param errno the error number of the execution
 * @returns what to add to a message, such as `: no interpreter /bin/shh`; or nothing
 */
export function missingInterpreter(
  kernel: Reading,
  at: number,
  path: string | Bytes,
  errno: number,
): string {
  if (errno !== ERRNO.ENOENT) return "";
  const line = firstLine(kernel, at, path);
  const [, interpreter] = /^#![ \t]*([^ \t]+)/.exec(line) ?? [];
  if (interpreter === undefined) return "";
  const hint = interpreter.endsWith("\r") ? " (line 1 ends in a carriage return)" : "";
  return `: no interpreter ${interpreter.replace(/\r$/, "\\r")}${hint}`;
}

function firstLine(kernel: Reading, at: number, path: string | Bytes): string {
  const head = new Uint8Array(HEAD_SIZE);
  try {
    const fd = kernel.openRead(at, path);
    try {
      const bytes = head.subarray(0, Math.max(0, kernel.read(fd, head)));
      const end = bytes.indexOf(NEWLINE);
      return decode(end < 0 ? bytes : bytes.subarray(0, end));
    } finally {
      kernel.close(fd);
    }
  } catch (error) {
    ignoreSystemError(error);
    return "";
  }
}
