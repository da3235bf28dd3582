/**
 * `current`, the file that a log appends to, and the directory that it is in. When `current` or
 * the directory was removed, what was in the file, which only our descriptor keeps alive, is
 * written again under its old name. What was moved away stays there. Other files found under the
 * name are kept.
 */

import type { Bytes } from "../../base/bytes.ts";
import { ERRNO } from "../../base/errno.ts";
import { errnoOf, unlessMissing } from "../../base/system_error.ts";
import { GivenUp, Retrier } from "../retrier.ts";
import { isRemoved, LockedDirectory } from "./locked_directory.ts";
import { finishLeftOvers, type OpenedCurrent } from "./recovery.ts";

const COMPLETE_MODE = 0o744;
const IN_USE_MODE = 0o644;
const PIECE_SIZE = 65536;
/** The copy's name until it is complete: the next try must not find half of it. */
const WORK_NAME = "replacing";

/** A log's `current`. */
export class CurrentFile {
  /** Called when something begins to fail. */
  onFailure: () => void = () => {};
  #directory: LockedDirectory;
  #fd: number;
  #size: number;
  #inode: bigint | undefined;
  #isClosed = false;
  /** Never gives up: a removed file is written again. */
  readonly #retrier: Retrier;

  /** Takes over an open file and its directory. */
  constructor(directory: LockedDirectory, { fd, size }: OpenedCurrent) {
    this.#directory = directory;
    this.#fd = fd;
    this.#size = size;
    this.#retrier = new Retrier(directory.context);
    this.#retrier.onFailure = () => this.onFailure();
    directory.retrier.onFailure = () => this.onFailure();
  }

  /** The directory that it is in. */
  get directory(): LockedDirectory {
    return this.#directory;
  }

  /** Whether something about the file or its directory fails at present. */
  get isFailing(): boolean {
    return this.#retrier.isFailing || this.#directory.retrier.isFailing;
  }

  /**
   * Appends to it, once.
   *
   * @returns how much was taken, in bytes
   * @throws {SystemError} `write`
   */
  write(bytes: Bytes): number {
    const count = this.#directory.context.kernel.write(this.#fd, bytes);
    this.#size += count;
    return count;
  }

  /** How much is in it, in bytes. */
  get size(): number {
    return this.#size;
  }

  /**
   * Its number on its file system.
   *
   * @throws {SystemError} `stat`
   */
  get inode(): bigint {
    return this.#inode ??= this.#directory.context.kernel.statFd(this.#fd).inode;
  }

  /** Says that writing failed, and waits 5 seconds. */
  async pauseWriting(caught: unknown): Promise<void> {
    await this.#retrier.pause(["unable to write to ", this.#directory.name, "/current"], caught);
  }

  /**
   * Makes it `previous`, and begins a new, empty `current`.
   *
   * @returns the descriptor of what was `current`, for the caller to close, and whether it is
   *   `previous` now: somebody may have moved it
   */
  async replace(): Promise<{ fd: number; isPrevious: boolean }> {
    const { kernel } = this.#directory.context;
    const isPrevious = await this.#retrier.retry(
      ["unable to rename current to previous in directory ", this.#directory.name],
      () => this.#putAside(),
    );
    const { fd: directoryFd, name } = this.#directory;
    const newFd = await this.#retrier.retry(
      ["unable to create ", name, "/current"],
      () => kernel.openAppend(directoryFd, "current"),
    );
    await this.#retrier.retry(
      ["unable to set mode of ", name, "/current"],
      () => kernel.fchmod(newFd, IN_USE_MODE),
    );
    const oldFd = this.#fd;
    this.#fd = newFd;
    this.#size = 0;
    this.#inode = undefined;
    return { fd: oldFd, isPrevious };
  }

  /** Puts it on the disk, marks it as complete, and closes it and its directory. */
  async finish(): Promise<void> {
    const { kernel } = this.#directory.context;
    const { name } = this.#directory;
    await this.#retrier.retry(["unable to write to ", name, "/current"], async () => {
      if (this.#find() === "ours") return;
      if (isRemoved(this.#directory.context, this.#fd)) await this.#restoreIfPossible();
      else this.#warn("/current was moved away");
    });
    await this.#sync();
    await this.#retrier.retry(
      ["unable to set mode of ", name, "/current"],
      () => kernel.fchmod(this.#fd, COMPLETE_MODE),
    );
    await this.#close();
  }

  /**
   * Gives the lock back at once and tries nothing any more.
   *
   * @param work what uses the files until then; they are closed after it
   */
  abandon(work: Promise<unknown>): void {
    this.#retrier.abandon();
    this.#directory.retrier.abandon();
    this.#directory.unlock();
    const close = () => this.#close();
    work.then(close, close);
  }

  async #close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#directory.context.kernel.close(this.#fd);
    await this.#directory.close();
  }

  async #sync(): Promise<void> {
    const { context: { kernel }, name } = this.#directory;
    await this.#retrier.retry(
      ["unable to write ", name, "/current to disk"],
      () => kernel.fsyncLater(this.#fd),
    );
  }

  /** What has the name `current` by now; somebody may have moved or removed ours. */
  #find(): "ours" | "nothing" | "other" {
    const { context: { kernel }, fd } = this.#directory;
    const ours = kernel.statFd(this.#fd);
    const found = unlessMissing(() => kernel.statLink(fd, "current"));
    if (found === undefined) return "nothing";
    return found.inode === ours.inode && found.device === ours.device ? "ours" : "other";
  }

  /** @returns whether it is `previous` now; otherwise it has been moved elsewhere */
  async #putAside(): Promise<boolean> {
    if (this.#find() !== "ours") {
      if (!isRemoved(this.#directory.context, this.#fd)) {
        await this.#keepOther();
        this.#warn("/current was moved away; what follows goes into a new one");
        return false;
      }
      await this.#restore();
    }
    const { context: { kernel }, fd } = this.#directory;
    kernel.rename(fd, "current", "previous");
    return true;
  }

  /** Gives what has the name `current`, and is not ours, a name of its own. */
  async #keepOther(): Promise<void> {
    const { context: { kernel }, fd, oldLogs } = this.#directory;
    const status = unlessMissing(() => kernel.statLink(fd, "current"));
    if (status === undefined) return;
    let name: string | undefined;
    if (status.kind === "file") name = await oldLogs.finish("current", "u");
    else {
      // Not a name that counts as an old log: what is no file might never be removed again.
      name = `current.${oldLogs.newLabel()}`;
      kernel.rename(fd, "current", name);
    }
    const place = name === undefined ? "where else it is" : `as ${name}`;
    this.#warn(`/current was replaced; what was found there is kept ${place}`);
  }

  /** At the end: where the log's place is gone too, so is the log, and nothing is waited for. */
  async #restoreIfPossible(): Promise<void> {
    try {
      await this.#restore();
    } catch (error) {
      if (errnoOf(error) !== ERRNO.ENOENT || error instanceof GivenUp) throw error;
      this.#warn("/current was removed, with the place where it was");
    }
  }

  /**
   * Writes it again, in a new directory if that is gone too.
   *
   * @throws {SystemError} when something fails; then it can be tried again
   */
  async #restore(): Promise<void> {
    if (this.#directory.isRemoved) await this.#reopenDirectory();
    const { context: { kernel }, fd: directoryFd } = this.#directory;
    await finishLeftOvers(this.#directory);
    await this.#keepOther();
    const newFd = kernel.openTruncate(directoryFd, WORK_NAME);
    try {
      this.#copyTo(newFd);
      kernel.rename(directoryFd, WORK_NAME, "current");
    } catch (error) {
      kernel.close(newFd);
      throw error;
    }
    kernel.close(this.#fd);
    this.#fd = newFd;
    this.#inode = undefined;
    await this.#sync();
    this.#warn("/current was removed; it is there again");
  }

  /** Makes a removed directory again, or takes the one that has its name by now. */
  async #reopenDirectory(): Promise<void> {
    const { context, plan } = this.#directory;
    const directory = LockedDirectory.lock(context, plan, (_parts, step) => step());
    try {
      context.kernel.close(context.kernel.openAppend(directory.fd, "state"));
    } catch (error) {
      await directory.close();
      throw error;
    }
    await this.#directory.close();
    this.#directory = directory;
    directory.retrier.onFailure = () => this.onFailure();
  }

  #copyTo(fd: number): void {
    const { kernel } = this.#directory.context;
    // Ours is open for appending only; /proc lets us open the same file for reading.
    const readFd = kernel.openRead(this.#directory.fd, `/proc/self/fd/${this.#fd}`);
    try {
      const piece = new Uint8Array(PIECE_SIZE);
      for (;;) {
        const count = kernel.read(readFd, piece);
        if (count <= 0) return;
        for (let at = 0; at < count;) at += kernel.write(fd, piece.subarray(at, count));
      }
    } finally {
      kernel.close(readFd);
    }
  }

  #warn(text: string): void {
    this.#directory.context.reporter.warning([this.#directory.name, text]);
  }
}
