/** Input that waits in a pipe until it is written, and what a kill in between has left. */

import { type Bytes, concat } from "../../base/bytes.ts";
import { unlessMissing } from "../../base/system_error.ts";
import type { Timestamp } from "../../base/tai64n.ts";
import type { TakenMark } from "../pipe_input.ts";
import type { LockedDirectory } from "./locked_directory.ts";
import type { FoundPipe } from "./write_note.ts";

/** What is to be taken out of a pipe; places count from the beginning of what was given last. */
export interface WaitingInput extends FoundPipe {
  /** What is still in the pipe before a place; undefined where nothing is, or it cannot be told. */
  waiting(end?: number): Bytes | undefined;
  /** Takes out of the pipe what is before a place; tells whether its last byte is at the mark. */
  takeOut(end?: number, mark?: TakenMark): boolean;
  /** Takes out so many bytes, which are logged; tells whether the last one is at the mark. */
  drop(length: number, mark: TakenMark | undefined): boolean;
  /** Has something logged before what comes next. */
  giveBack(bytes: Bytes): void;
}

/** The lines that are made of input. */
export interface LineState {
  /** The beginning of a line that is not appended yet, without its label. */
  readonly unfinished: Bytes;
  /** The label that comes next; undefined where lines get none. */
  readonly nextLabel: Timestamp | undefined;
}

/**
 * Where the run before this one was killed between a write and taking out what was written: sees to
 * it that the input is logged once. From then on notes can be taken.
 *
 * @param input undefined where lines go to several places: then no notes are taken
 * @returns whether `current` is as that run noted it: nobody else has written to it since
 */
export function settleWrite(directory: LockedDirectory, input: WaitingInput | undefined): boolean {
  const { context: { kernel, reporter }, fd: directoryFd, lockFile, name } = directory;
  const { leftNote, notes } = lockFile;
  if (notes === undefined) return false;
  try {
    const current = unlessMissing(() => kernel.statLink(directoryFd, "current"));
    const found = { current, bootId: kernel.bootId(), pipe: input };
    const remedy = leftNote?.remedyFor(found);
    if (remedy === undefined || leftNote === undefined || input === undefined) {
      // Room is made while there is some: a disk that is full later must not be in the way of notes.
      if (input !== undefined || leftNote !== undefined) notes.reset();
      return remedy !== undefined;
    }
    const { cutTo, takeOut, unfinished } = remedy;
    if (takeOut !== undefined) notes.end(input.drop(takeOut, notes.mark));
    if (cutTo !== undefined) {
      const fd = kernel.openWrite(directoryFd, "current");
      try {
        kernel.truncate(fd, cutTo);
      } finally {
        kernel.close(fd);
      }
    }
    notes.goOn(unfinished);
    // The rest of that line was in another pipe, and is gone.
    const isOver = unfinished.length > 0 && !leftNote.isOfPipe(found);
    input.giveBack(isOver ? concat(unfinished, "\n") : unfinished);
    return true;
  } catch (error) {
    // Some lines may then be logged twice.
    reporter.warning(["unable to go on with ", name, "/current"], error);
    return false;
  }
}
