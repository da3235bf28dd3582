/** Reading small files whole, in places that belong to somebody else. */

import { type Bytes, concat, decode, EMPTY } from "../base/bytes.ts";
import { ERRNO } from "../base/errno.ts";
import { CWD } from "../base/kernel_constants.ts";
import { SystemError } from "../base/system_error.ts";
import type { Files, Path } from "../system/kernel.ts";

/** What is needed of the kernel. */
export type ReadingFiles = Pick<Files, "openRead" | "read" | "close">;

/** For one file after the other: to make a new one takes longer than to read most files. */
const piece: Bytes = new Uint8Array(16384);
/** No status, history or script is longer; what is longer is not read to its end. */
const LONGEST = 1 << 20;

/**
 * Reads a file, at most 1 MiB of it. It is opened without waiting, so that a FIFO of that name
 * cannot hold up whoever looks.
 *
 * @throws {SystemError} when it cannot be opened or read
 */
export function readFile(files: ReadingFiles, path: Path): Bytes {
  const fd = files.openRead(CWD, path);
  try {
    let whole = EMPTY;
    while (whole.length < LONGEST) {
      const length = files.read(fd, piece);
      if (length < 0) throw new SystemError("read", ERRNO.EAGAIN);
      if (length === 0) break;
      const read = piece.subarray(0, length);
      whole = whole.length === 0 ? read.slice() : concat(whole, read);
    }
    return whole;
  } finally {
    files.close(fd);
  }
}

/** Reads a file as text; undefined when it cannot be read, for whatever reason. */
export function readText(files: ReadingFiles, path: Path): string | undefined {
  try {
    return decode(readFile(files, path));
  } catch (error) {
    if (error instanceof SystemError) return undefined;
    throw error;
  }
}
