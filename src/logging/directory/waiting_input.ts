/** Input that waits in a pipe until it is written, and what a kill in between has left. */

import type { Bytes } from "../../base/bytes.ts";
import { unlessMissing } from "../../base/system_error.ts";
import type { LockedDirectory } from "./locked_directory.ts";

/** What is to be taken out of a pipe; places count from the beginning of what was given last. */
export interface WaitingInput {
  /** The number of the pipe. */
  readonly inode: bigint;
  /** What is still in the pipe before a place; undefined where nothing is, or it cannot be told. */
  waiting(end?: number): Bytes | undefined;
  /** Takes out of the pipe what is before a place. */
  takeOut(end?: number): void;
  /** Looks at what is next in the pipe; undefined where there is not so much. */
  peek(length: number): Bytes | undefined;
  /** Takes out what {@linkcode peek} gave, as far as it is logged. */
  drop(bytes: Bytes): void;
}

/**
 * Where the run before this one was killed between a write and taking out what was written: sees to
 * it that the input is logged once.
 */
export function settleWrite(directory: LockedDirectory, input: WaitingInput): void {
  const { context: { kernel, reporter }, fd: directoryFd, leftNote, name } = directory;
  if (leftNote === undefined) return;
  try {
    const current = unlessMissing(() => kernel.statLink(directoryFd, "current"));
    if (current === undefined) return;
    const remedy = leftNote.remedyFor({
      currentInode: current.inode,
      size: current.size,
      pipeInode: input.inode,
      peek: (length) => input.peek(length),
    });
    if (remedy.kind === "drop") input.drop(remedy.input);
    if (remedy.kind !== "truncate") return;
    const fd = kernel.openWrite(directoryFd, "current");
    try {
      kernel.truncate(fd, remedy.size);
    } finally {
      kernel.close(fd);
    }
  } catch (error) {
    // Some lines are then logged twice.
    reporter.warning(["unable to truncate ", name, "/current"], error);
  }
}
