/**
 * Why a script that is there is said not to exist: its interpreter does not; and what else an editor
 * of another system puts into its first line. @see execve(2)
 */

import { type Bytes, concat, decode, EMPTY, startsWith } from "./bytes.ts";
import { ERRNO } from "./errno.ts";
import { ignoreSystemError } from "./system_error.ts";

/** The kernel looks at so many bytes of a script's first line. */
const HEAD_SIZE = 256;
const NEWLINE = 0x0a;
/** What some editors put before a text, and the beginning of a script. */
const MARKED_SCRIPT = concat(new Uint8Array([0xef, 0xbb, 0xbf]), "#!");

/** What is needed of the kernel. */
interface Reading {
  openRead(at: number, path: string | Bytes): number;
  read(fd: number, into: Bytes): number;
  close(fd: number): void;
}

/**
 * Explains an execution that failed with ENOENT, where the interpreter is at fault, or with ENOEXEC,
 * where a byte order mark is.
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
  if (errno !== ERRNO.ENOENT && errno !== ERRNO.ENOEXEC) return "";
  const bytes = firstLine(kernel, at, path);
  if (errno === ERRNO.ENOEXEC) {
    return startsWith(bytes, MARKED_SCRIPT) ? ": a byte order mark stands before its #!" : "";
  }
  const [, interpreter] = /^#![ \t]*([^ \t]+)/.exec(decode(bytes)) ?? [];
  if (interpreter === undefined) return "";
  const shown = interpreter.replaceAll("\r", "\\r");
  if (shown === interpreter) return `: no interpreter ${interpreter}`;
  const place = interpreter.endsWith("\r") ? "ends in" : "holds";
  return `: no interpreter ${shown} (line 1 ${place} a carriage return)`;
}

function firstLine(kernel: Reading, at: number, path: string | Bytes): Bytes {
  const head = new Uint8Array(HEAD_SIZE);
  try {
    const fd = kernel.openRead(at, path);
    try {
      const bytes = head.subarray(0, Math.max(0, kernel.read(fd, head)));
      const end = bytes.indexOf(NEWLINE);
      return end < 0 ? bytes : bytes.subarray(0, end);
    } finally {
      kernel.close(fd);
    }
  } catch (error) {
    ignoreSystemError(error);
    return EMPTY;
  }
}
