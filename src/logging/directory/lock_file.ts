/**
 * The file `lock` of a log directory: who holds its lock has the log. In it, and in its times, a run
 * leaves notes for the next one.
 */

import type { Bytes } from "../../base/bytes.ts";
import { ERRNO } from "../../base/errno.ts";
import { errnoOf, ignoreSystemError, unlessMissing } from "../../base/system_error.ts";
import type { Timestamp } from "../../base/tai64n.ts";
import type { LogKernel } from "../stream_context.ts";
import { LARGEST_NOTE, WriteNote, WriteNotes } from "./write_note.ts";

const NEVER: Timestamp = { seconds: 0, nanoseconds: 0 };

/** Opens the file, which is made if there is none. */
function openLock(kernel: LogKernel, directoryFd: number): { fd: number; isForNotes: boolean } {
  try {
    const open = () => kernel.openReadWrite(directoryFd, "lock");
    const fd = unlessMissing(open);
    if (fd === undefined) kernel.close(kernel.openAppend(directoryFd, "lock"));
    return { fd: fd ?? open(), isForNotes: true };
  } catch (error) {
    // It may be for appending only.
    if (errnoOf(error) !== ERRNO.EACCES && errnoOf(error) !== ERRNO.EPERM) throw error;
    return { fd: kernel.openAppend(directoryFd, "lock"), isForNotes: false };
  }
}

/** What may be a note; undefined for a link to another file, or what is somebody's data. */
function readLeft(kernel: LogKernel, directoryFd: number, fd: number): Bytes | undefined {
  const bytes = new Uint8Array(LARGEST_NOTE);
  try {
    if (kernel.statLink(directoryFd, "lock").kind !== "file") return undefined;
    const left = bytes.slice(0, Math.max(0, kernel.read(fd, bytes)));
    return WriteNote.mayReplace(left) ? left : undefined;
  } catch (error) {
    // As if no note could be written.
    ignoreSystemError(error);
    return undefined;
  }
}

/**
 * Whether a byte may go from a pipe into a file by one call, which holds up who writes to the pipe,
 * and who asks how much is in it: they are not to wait for a server that does not answer.
 */
function isLocal(kernel: LogKernel, fd: number): boolean {
  try {
    return kernel.isLocal(fd);
  } catch (error) {
    ignoreSystemError(error);
    return false;
  }
}

/** The file, open and locked. */
export class LockFile {
  /** What the run before this one noted last. */
  readonly leftNote: WriteNote | undefined;
  /** Takes notes, once that has begun; undefined where none can be taken. */
  readonly notes: WriteNotes | undefined;
  /** When the first line of `current` came, if an earlier run has noted that; otherwise some time. */
  readonly firstLine: Timestamp;
  readonly #kernel: LogKernel;
  readonly #directoryFd: number;
  readonly #fd: number;
  #isOpen = true;

  private constructor(
    kernel: LogKernel,
    directoryFd: number,
    { fd, isForNotes }: { fd: number; isForNotes: boolean },
  ) {
    this.#kernel = kernel;
    this.#directoryFd = directoryFd;
    this.#fd = fd;
    const left = isForNotes ? readLeft(kernel, directoryFd, fd) : undefined;
    this.leftNote = left && WriteNote.decode(left);
    const { modified } = this.#times;
    this.firstLine = this.leftNote === undefined ? modified : this.leftNote.firstLine ?? NEVER;
    if (left === undefined) return;
    this.notes = new WriteNotes(kernel, fd, {
      bootId: kernel.bootId(),
      left: this.leftNote,
      firstLine: this.firstLine,
      hasMark: isLocal(kernel, fd),
    });
  }

  /**
   * Opens it, makes it if there is none, and takes the lock.
   *
   * @throws {SystemError} EAGAIN when another process has it; `open`
   */
  static take(kernel: LogKernel, directoryFd: number): LockFile {
    const opened = openLock(kernel, directoryFd);
    try {
      kernel.lock(opened.fd, false);
      // It is read only now: until then its owner may write to it.
      return new LockFile(kernel, directoryFd, opened);
    } catch (error) {
      kernel.close(opened.fd);
      throw error;
    }
  }

  /** Whether the lock is ours. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Gives the lock back. */
  close(): void {
    if (this.#isOpen) this.#kernel.close(this.#fd);
    this.#isOpen = false;
  }

  /**
   * Notes that the first line of `current` comes now: the file's time tells that to the next run,
   * or the note in it, as notes change that time.
   */
  noteFirstLine(): void {
    try {
      this.#kernel.touch(this.#fd);
      if (this.notes?.isBegun) this.notes.noteFirstLine(this.#times.modified);
    } catch (error) {
      // The next run then goes by the time when `current` was made.
      ignoreSystemError(error);
    }
  }

  /**
   * Notes a label that is later than the clock, and so later than the times of the files to be: the
   * access time tells the next run how late a label of ours may be, where no note does.
   */
  noteLabel(time: Timestamp): void {
    try {
      this.#kernel.setAccessTime(this.#fd, time);
    } catch (error) {
      // The next run then takes such labels for text, and begins with the clock's time.
      ignoreSystemError(error);
    }
  }

  /** The time that {@linkcode noteLabel} noted last, or some time when the clock was right. */
  notedLabel(): Timestamp {
    return this.#times.accessed;
  }

  get #times() {
    return this.#kernel.fileTimes(this.#directoryFd, "lock");
  }
}
