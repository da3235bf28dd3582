/** A log directory that this stream has locked, and what belongs to this very directory. */

import type { Bytes } from "../../base/bytes.ts";
import type { MessagePart } from "../../base/messages.ts";
import { ignoreSystemError } from "../../base/system_error.ts";
import type { Timestamp } from "../../base/tai64n.ts";
import type { StreamContext } from "../stream_context.ts";
import { Retrier } from "../retrier.ts";
import type { DirectoryPlan } from "../script.ts";
import { Compressor } from "./compressor.ts";
import type { LogFolder } from "./log_folder.ts";
import { OldLogs } from "./old_logs.ts";

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
  readonly #lockFd: number;
  #isLocked = true;

  private constructor(context: StreamContext, plan: DirectoryPlan, fd: number, lockFd: number) {
    this.context = context;
    this.plan = plan;
    this.fd = fd;
    this.name = context.describe(plan.path);
    this.#lockFd = lockFd;
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
    let lockFd: number | undefined;
    try {
      lockFd = attempt(
        ["unable to lock directory ", name],
        () => kernel.openAppend(fd, "lock"),
      );
      const openedFd = lockFd;
      attempt(["unable to lock directory ", name], () => kernel.lock(openedFd, false));
    } catch (error) {
      if (lockFd !== undefined) kernel.close(lockFd);
      kernel.close(fd);
      throw error;
    }
    return new LockedDirectory(context, plan, fd, lockFd);
  }

  /** Whether the directory was removed; another one may have its name. */
  get isRemoved(): boolean {
    return isRemoved(this.context, this.fd);
  }

  /**
   * Notes that the first line of `current` comes now: the lock's time tells that to the next run.
   */
  noteFirstLine(): void {
    try {
      this.context.kernel.touch(this.#lockFd);
    } catch (error) {
      // The next run then goes by the time when `current` was made.
      ignoreSystemError(error);
    }
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
    await this.compressor?.idle();
    this.unlock();
    this.context.kernel.close(this.fd);
  }
}
