/** A log directory that this stream has locked, and what belongs to this very directory. */

import type { Bytes } from "../../base/bytes.ts";
import type { MessagePart } from "../../base/messages.ts";
import { ERRNO } from "../../base/errno.ts";
import { errnoOf, ignoreSystemError, unlessMissing } from "../../base/system_error.ts";
import type { Timestamp } from "../../base/tai64n.ts";
import type { LogKernel, StreamContext } from "../stream_context.ts";
import { Retrier } from "../retrier.ts";
import type { DirectoryPlan } from "../script.ts";
import { Compressor } from "./compressor.ts";
import type { LogFolder } from "./log_folder.ts";
import { OldLogs } from "./old_logs.ts";
import { NOTE_SIZE, type PlannedWrite, WriteNote, WriteNotes } from "./write_note.ts";

const DIRECTORY_MODE = 0o700;
const NEVER: Timestamp = { seconds: 0, nanoseconds: 0 };

/** Takes one step of opening; `parts` say what it is. Ours simply take it, or end the program. */
export type Attempt = <T>(parts: readonly MessagePart[], step: () => T) => T;

/** The file `lock`, open. */
interface LockFile {
  readonly fd: number;
  /** What is in it, as far as a note could be; undefined where no note may be written. */
  readonly left: Bytes | undefined;
}

function openLock({ kernel }: Pick<StreamContext, "kernel">, directoryFd: number): LockFile {
  const open = () => kernel.openReadWrite(directoryFd, "lock");
  try {
    let fd = unlessMissing(open);
    if (fd === undefined) {
      kernel.close(kernel.openAppend(directoryFd, "lock"));
      fd = open();
    }
    return { fd, left: readLeft(kernel, directoryFd, fd) };
  } catch (error) {
    // It may be for appending only.
    if (errnoOf(error) !== ERRNO.EACCES && errnoOf(error) !== ERRNO.EPERM) throw error;
    return { fd: kernel.openAppend(directoryFd, "lock"), left: undefined };
  }
}

/** Reads the file `lock`, unless it is a link to another file, or holds what is no note. */
function readLeft(kernel: LogKernel, directoryFd: number, fd: number): Bytes | undefined {
  const bytes = new Uint8Array(NOTE_SIZE);
  try {
    if (kernel.statLink(directoryFd, "lock").kind !== "file") return undefined;
    const left = bytes.subarray(0, Math.max(0, kernel.read(fd, bytes)));
    return WriteNote.mayReplace(left) ? left : undefined;
  } catch (error) {
    // As if no note could be written.
    ignoreSystemError(error);
    return undefined;
  }
}

/** Whether no name leads to an open file or directory any more. */
export function isRemoved({ kernel }: Pick<StreamContext, "kernel">, fd: number): boolean {
  return kernel.statFd(fd).links === 0;
}

/** A log directory, open and locked. */
export class LockedDirectory implements LogFolder {
  /** What the stream works with. */
  readonly context: StreamContext;
  /** What the script says of this directory. */
  readonly plan: DirectoryPlan;
  /** Its descriptor. */
  readonly fd: number;
  /** Its name in messages. */
  readonly name: Bytes;
  /** For its files: what fails is tried again until the directory is removed. */
  readonly retrier: Retrier;
  /** Its finished files. */
  readonly oldLogs: OldLogs;
  /** What compresses them, if that is wanted. */
  readonly compressor: Compressor | undefined;
  /** What the run before this one noted last. */
  readonly leftNote: WriteNote | undefined;
  readonly #lockFd: number;
  readonly #takesNotes: boolean;
  #isLocked = true;
  #notes: WriteNotes | undefined;
  /** When the first line of `current` came, by what was noted before notes of ours. */
  #firstLine: Timestamp | undefined;

  private constructor(context: StreamContext, plan: DirectoryPlan, fd: number, lock: LockFile) {
    this.context = context;
    this.plan = plan;
    this.fd = fd;
    this.name = context.describe(plan.path);
    this.#lockFd = lock.fd;
    this.#takesNotes = lock.left !== undefined;
    this.leftNote = lock.left && WriteNote.decode(lock.left);
    this.retrier = new Retrier(context, () => this.isRemoved);
    this.oldLogs = new OldLogs(this);
    this.compressor = plan.gzip ? new Compressor(this) : undefined;
  }

  /**
   * Opens a log directory, which is made if there is none, and takes its lock.
   *
   * @throws what `attempt` throws when the directory cannot be opened or another process has it;
   *   nothing is left open then
   */
  static lock(context: StreamContext, plan: DirectoryPlan, attempt: Attempt): LockedDirectory {
    const { kernel, workingDirectoryFd } = context;
    const name = context.describe(plan.path);
    try {
      kernel.mkdir(workingDirectoryFd, plan.path, DIRECTORY_MODE);
    } catch (error) {
      // It exists already, or opening it fails for the same reason.
      ignoreSystemError(error);
    }
    const fd = attempt(
      ["unable to open directory ", name],
      () => kernel.openDirectory(workingDirectoryFd, plan.path),
    );
    let lock: LockFile | undefined;
    try {
      const opened = attempt(["unable to lock directory ", name], () => openLock(context, fd));
      lock = opened;
      attempt(["unable to lock directory ", name], () => kernel.lock(opened.fd, false));
    } catch (error) {
      if (lock !== undefined) kernel.close(lock.fd);
      kernel.close(fd);
      throw error;
    }
    return new LockedDirectory(context, plan, fd, lock);
  }

  /** Whether the directory was removed; another one may have its name. */
  get isRemoved(): boolean {
    return isRemoved(this.context, this.fd);
  }

  /** Makes room for notes while there is some: a disk that is full later must not be in their way. */
  prepareNotes(): void {
    if (!this.#takesNotes) return;
    try {
      this.#firstLine = this.notedFirstLine();
      this.#notes = new WriteNotes(this.context.kernel, this.#lockFd, this.#firstLine);
      this.#notes.reset();
    } catch (error) {
      // It is tried again with the first note.
      ignoreSystemError(error);
    }
  }

  /**
   * Notes a write to `current`; to be followed by {@linkcode endWrite}.
   *
   * @returns whether that could be done
   */
  beginWrite(write: PlannedWrite): boolean {
    if (!this.#takesNotes || !this.#isLocked) return false;
    try {
      this.#notes ??= new WriteNotes(this.context.kernel, this.#lockFd, this.notedFirstLine());
      this.#notes.begin(write);
      return true;
    } catch (error) {
      // Then its input is not left in the pipe.
      ignoreSystemError(error);
      return false;
    }
  }

  /** Whether the input of that write looks like that of the write before: more may follow. */
  get isRepeating(): boolean {
    return this.#notes?.isRepeated ?? false;
  }

  /** Notes that the write is done, and its input taken out. */
  endWrite(): void {
    if (this.#isLocked && this.#notes?.isUnderWay) this.#notes.end();
  }

  /**
   * Notes that the first line of `current` comes now: the lock's time tells that to the next run,
   * or the note in it, as notes change that time.
   */
  noteFirstLine(): void {
    const { context: { kernel }, fd } = this;
    try {
      kernel.touch(this.#lockFd);
      if (this.leftNote === undefined && this.#notes === undefined) return;
      const { modified } = kernel.fileTimes(fd, "lock");
      this.#notes ??= new WriteNotes(kernel, this.#lockFd, modified);
      this.#notes.noteFirstLine(modified);
    } catch (error) {
      // The next run then goes by the time when `current` was made.
      ignoreSystemError(error);
    }
  }

  /**
   * When the first line of `current` came, if an earlier run has noted that; otherwise some time.
   *
   * @throws {SystemError} when that cannot be told
   */
  notedFirstLine(): Timestamp {
    if (this.#firstLine !== undefined) return this.#firstLine;
    if (this.leftNote !== undefined) return this.leftNote.firstLine ?? NEVER;
    return this.context.kernel.fileTimes(this.fd, "lock").modified;
  }

  /**
   * Notes a label that is later than the clock, and so later than the times of the files to be: the
   * lock's access time tells the next run how late a label of ours may be.
   */
  noteLabel(time: Timestamp): void {
    try {
      this.context.kernel.setAccessTime(this.#lockFd, time);
    } catch (error) {
      // The next run then takes such labels for text, and begins with the clock's time.
      ignoreSystemError(error);
    }
  }

  /** The time that {@linkcode noteLabel} noted last, or some time when the clock was right. */
  notedLabel(): Timestamp {
    return this.context.kernel.fileTimes(this.fd, "lock").accessed;
  }

  /** Gives the lock back, though the directory's files may still be worked on. */
  unlock(): void {
    if (this.#isLocked) this.context.kernel.close(this.#lockFd);
    this.#isLocked = false;
  }

  /** Waits until nothing is compressed any more, gives the lock back, and closes the directory. */
  async close(): Promise<void> {
    await this.compressor?.finish();
    this.unlock();
    this.context.kernel.close(this.fd);
  }
}
