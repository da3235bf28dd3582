/** A log directory that this stream has locked, and what belongs to this very directory. */

import type { Bytes } from "../../base/bytes.ts";
import type { MessagePart } from "../../base/messages.ts";
import { ignoreSystemError } from "../../base/system_error.ts";
import type { StreamContext } from "../stream_context.ts";
import { Retrier } from "../retrier.ts";
import type { DirectoryPlan } from "../script.ts";
import { Compressor } from "./compressor.ts";
import { LockFile } from "./lock_file.ts";
import type { LogFolder } from "./log_folder.ts";
import { OldLogs } from "./old_logs.ts";
import type { TakenMark } from "../pipe_input.ts";
import type { PlannedWrite } from "./write_note.ts";

const DIRECTORY_MODE = 0o700;

/** Takes one step of opening; `parts` say what it is. Ours simply take it, or end the program. */
export type Attempt = <T>(parts: readonly MessagePart[], step: () => T) => T;

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
  /** Its lock. */
  readonly lockFile: LockFile;

  private constructor(context: StreamContext, plan: DirectoryPlan, fd: number, lockFile: LockFile) {
    this.context = context;
    this.plan = plan;
    this.fd = fd;
    this.name = context.describe(plan.path);
    this.lockFile = lockFile;
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
    try {
      const lockFile = attempt(
        ["unable to lock directory ", name],
        () => LockFile.take(kernel, fd),
      );
      return new LockedDirectory(context, plan, fd, lockFile);
    } catch (error) {
      kernel.close(fd);
      throw error;
    }
  }

  /** Whether the directory was removed; another one may have its name. */
  get isRemoved(): boolean {
    return isRemoved(this.context, this.fd);
  }

  /**
   * Notes a write to `current`; to be followed by {@linkcode endWrite}.
   *
   * @returns whether that could be done
   */
  beginWrite(write: PlannedWrite): boolean {
    const { notes, isOpen } = this.lockFile;
    if (notes === undefined || !isOpen) return false;
    try {
      notes.begin(write);
      return true;
    } catch (error) {
      // Then its input is not left in the pipe.
      ignoreSystemError(error);
      notes.reset();
      return false;
    }
  }

  /** Where the last byte of the input goes as it is taken out, while a write is noted. */
  get mark(): TakenMark | undefined {
    const { notes, isOpen } = this.lockFile;
    return isOpen ? notes?.mark : undefined;
  }

  /** Has the note say nothing of a write that is not noted. */
  writeWithoutNote(): void {
    const { notes, isOpen } = this.lockFile;
    if (isOpen && notes?.mayStay === false) notes.reset();
  }

  /**
   * Notes that the input of the write is taken out.
   *
   * @param isMarked whether its last byte is at the {@linkcode mark}
   */
  endWrite(isMarked: boolean): void {
    const { notes, isOpen } = this.lockFile;
    if (isOpen) notes?.end(isMarked);
  }

  /** Gives the lock back, though the directory's files may still be worked on. */
  unlock(): void {
    this.lockFile.close();
  }

  /** Waits until nothing is compressed any more, gives the lock back, and closes the directory. */
  async close(): Promise<void> {
    await this.compressor?.finish();
    this.unlock();
    this.context.kernel.close(this.fd);
  }
}
