/**
 * Why a script that is there is said not to exist: its interpreter does not; and what else an editor
 * of another system puts into its first line. @see execve(2)
 */

import { type Bytes, concat, decode, EMPTY, encode, startsWith } from "./bytes.ts";
import { ERRNO } from "./errno.ts";
import { ignoreSystemError, SystemError } from "./system_error.ts";

/** The kernel looks at so many bytes of a script's first line. */
const HEAD_SIZE = 256;
const NEWLINE = 0x0a;
/** Execute bits of a mode: owner's, group's, others'. */
const ANY_EXECUTE = 0o111;
const SCRIPT = encode("#!");
/** What some editors put before a text, and the beginning of a script. */
const MARKED_SCRIPT = concat(new Uint8Array([0xef, 0xbb, 0xbf]), "#!");

/** What is needed of the kernel. */
interface Reading {
  openRead(at: number, path: string | Bytes): number;
  read(fd: number, into: Bytes): number;
  close(fd: number): void;
}

/** What is needed of the kernel, to look. */
interface Looking extends Reading {
  stat(at: number, path: string | Bytes): { readonly permissions: number };
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

/**
 * Looks whether a script can be executed at all, which costs far less than to try. Where only a try
 * tells, nothing is said.
 *
 * @param at the directory descriptor that the path is relative to
 * @throws {SystemError} what execve would fail with: the script or its interpreter is not there, or
 *   nobody may execute it
 */
export function lookAtScript(kernel: Looking, at: number, path: string | Bytes): void {
  const { permissions } = kernel.stat(at, path);
  if ((permissions & ANY_EXECUTE) === 0) throw new SystemError("execve", ERRNO.EACCES);
  const line = firstLine(kernel, at, path);
  // The name may be longer than what was read.
  if (!startsWith(line, SCRIPT) || line.length === HEAD_SIZE) return;
  const isBlank = (byte: number) => byte === 0x20 || byte === 0x09;
  const words = line.subarray(SCRIPT.length);
  const begin = words.findIndex((byte) => !isBlank(byte));
  if (begin < 0) return;
  const end = words.findIndex((byte, index) => index > begin && isBlank(byte));
  kernel.stat(at, words.subarray(begin, end < 0 ? words.length : end));
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
