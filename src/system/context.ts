/** What a program is given when it runs, and how it speaks. */

import { type Bytes, encode } from "../base/bytes.ts";
import { ERRNO } from "../base/errno.ts";
import { createReporter, fatal, type MessagePart } from "../base/messages.ts";
import { errnoOf, ignoreSystemError } from "../base/system_error.ts";
import type { BasicFiles, ExecAttributes, FileKernel, Kernel } from "./kernel.ts";

/** Everything a program may use; it looks at nothing outside. */
export interface Context<Given extends BasicFiles = Kernel> {
  /** The program's name, with which its messages begin whatever it was called by. */
  readonly program: string;
  /** How to call it: the text behind `NAME: usage: `. */
  readonly usage: string;
  /** argv[0] as it was called. */
  readonly invokedAs: Bytes;
  /** The arguments after argv[0]. */
  readonly args: readonly Bytes[];
  /** The environment, `NAME=VALUE` each, in order. */
  readonly environment: readonly Bytes[];
  /** What programs that this one becomes or starts are to have. */
  readonly execAttributes: ExecAttributes;
  /** The operating system, or the part of it that the program uses. */
  readonly kernel: Given;
  /** Goes on as another program of the suite in this process; resolves to its exit code. */
  readonly enter: (program: string, state: EnteredState) => Promise<number>;
  /** Whether a name is that of a program of the suite. */
  readonly isProgram: (name: string) => boolean;
  /** Tells what an error says that nobody expects, and where in our source it came up. */
  readonly describeBug: (error: unknown) => Promise<string>;
}

/** What changes when one program of the suite goes on as another. */
export type EnteredState = Omit<Context<FileKernel>, "program" | "usage" | "describeBug">;

/**
 * Writes all of `bytes`, however many calls that takes. The descriptor must be a blocking one.
 *
 * @throws {SystemError} `write`
 */
export function writeFully(files: BasicFiles, fd: number, bytes: Bytes): void {
  for (let at = 0; at < bytes.length;) at += files.write(fd, bytes.subarray(at));
}

/**
 * Prints text, or bytes, on standard output.
 *
 * @throws {ProgramEnd} when it cannot be written, with exit code 111
 * @throws {SystemError} EPIPE, when nobody reads it any more: that ends a program silently
 */
export function print(
  { program, kernel }: Pick<Context<BasicFiles>, "program" | "kernel">,
  text: string | Bytes,
): void {
  try {
    writeFully(kernel, 1, typeof text === "string" ? encode(text) : text);
  } catch (error) {
    if (errnoOf(error) === ERRNO.EPIPE) throw error;
    fatal(program, ["unable to write output"], error);
  }
}

/** Writes to standard error. That it cannot be written to is no reason to stop. */
export function complain(files: BasicFiles, line: Bytes): void {
  try {
    writeFully(files, 2, line);
  } catch (error) {
    ignoreSystemError(error);
  }
}

/** Prints `PROGRAM: warning: TEXT: REASON`; without `caught` there is no reason. */
export function warn(
  context: Pick<Context<BasicFiles>, "program" | "kernel">,
  parts: readonly MessagePart[],
  caught?: unknown,
): void {
  createReporter(context.program, (line) => complain(context.kernel, line)).warning(parts, caught);
}
