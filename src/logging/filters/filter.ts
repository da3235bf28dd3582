/**
 * A program that reads, changes and writes: input is read when there is some, and what came of it
 * is written before more is waited for. Much at a time is written by a helper thread, while the
 * next piece is prepared.
 */

import type { Bytes } from "../../base/bytes.ts";
import { ERRNO } from "../../base/errno.ts";
import { EXIT_FAILURE, EXIT_OK } from "../../base/exit_codes.ts";
import { WOULD_BLOCK } from "../../base/kernel_constants.ts";
import { errnoOf, ignoreSystemError } from "../../base/system_error.ts";
import type { Kernel } from "../../system/kernel.ts";

const INPUT_SIZE = 262144;
const OUTPUT_SIZE = 524288;
const WRITE_LATER_SIZE = 32768;

/** What a filter needs of the kernel. */
export type FilterKernel = Pick<
  Kernel,
  "bytesWaiting" | "read" | "waitReadable" | "write" | "writeLater"
>;

/** How far a conversion came. */
export interface Progress {
  /** How much of the input is done with, in bytes. */
  taken: number;
  /** How much output there is, in bytes. */
  made: number;
}

/** What turns input into output. */
export interface Converter {
  /**
   * Converts as much as there is of input and room for output.
   *
   * @param progress where to begin, and afterwards how far it came
   */
  convert(input: Bytes, output: Bytes, progress: Progress): void;
}

/**
 * Converts standard input to standard output.
 *
 * @returns the exit code: 0 at the end of input; 111, without a word, when reading or writing fails
 * @throws {SystemError} of EPIPE when nobody reads any more
 */
export async function runFilter(kernel: FilterKernel, converter: Converter): Promise<number> {
  try {
    await convertAll(kernel, converter);
    return EXIT_OK;
  } catch (error) {
    if (errnoOf(error) === ERRNO.EPIPE) throw error;
    return EXIT_FAILURE;
  }
}

async function convertAll(kernel: FilterKernel, converter: Converter): Promise<void> {
  const chunk = new Uint8Array(INPUT_SIZE);
  let output = new Uint8Array(OUTPUT_SIZE);
  let other = new Uint8Array(OUTPUT_SIZE);
  let writing: Promise<void> | undefined;
  for (;;) {
    if (writing !== undefined && !hasMore(kernel)) {
      await writing;
      writing = undefined;
    }
    const count = read(kernel, chunk);
    if (count === 0) break;
    const input = chunk.subarray(0, count);
    const progress = { taken: 0, made: 0 };
    while (progress.taken < count) {
      progress.made = 0;
      converter.convert(input, output, progress);
      if (writing !== undefined) await writing;
      writing = undefined;
      const made = output.subarray(0, progress.made);
      if (made.length <= WRITE_LATER_SIZE) writeNow(kernel, made);
      else {
        writing = writeLater(kernel, made);
        // An error is thrown where the write is awaited, above or below.
        writing.catch(() => {});
        [output, other] = [other, output];
      }
    }
  }
  if (writing !== undefined) await writing;
}

/** Whether a read would give something at once. Where that cannot be told, it is false. */
function hasMore(kernel: FilterKernel): boolean {
  try {
    return kernel.bytesWaiting(0) > 0;
  } catch (error) {
    ignoreSystemError(error);
    return false;
  }
}

/**
 * Reads once, when there is something: as much as there is. A pipe stays as large as it is: a
 * larger one is no faster for reads of this size, and when the pipes of an ordinary user are too
 * large in all, the kernel gives that user only tiny ones.
 */
function read(kernel: FilterKernel, into: Bytes): number {
  for (;;) {
    const count = kernel.read(0, into);
    if (count !== WOULD_BLOCK) return count;
    kernel.waitReadable(0);
  }
}

function writeNow(kernel: FilterKernel, bytes: Bytes): void {
  for (let at = 0; at < bytes.length;) at += kernel.write(1, bytes.subarray(at));
}

async function writeLater(kernel: FilterKernel, bytes: Bytes): Promise<void> {
  for (let at = 0; at < bytes.length;) at += await kernel.writeLater(1, bytes.subarray(at));
}
