/**
 * One log: a directory with `current`, to which lines are appended, and old files.
 *
 * Lines go into a queue at once; from there they are written in order, little at a time at once
 * and much at a time by a helper thread. Where a new file begins is known when bytes are queued
 * (see cut_rule.ts). A rotation is part of that order: it waits for what is before it, and what is
 * behind it waits for the new `current`. What becomes of the old file, a processor above all, goes
 * on aside; only the next rotation waits for that. Trouble stops this log and no other one.
 */

import type { Bytes } from "../base/bytes.ts";
import { ERRNO } from "../base/errno.ts";
import { messageLine } from "../base/messages.ts";
import { errnoOf } from "../base/system_error.ts";
import type { Timer } from "../reactor/reactor.ts";
import { Compressor } from "./compressor.ts";
import { CutRule } from "./cut_rule.ts";
import { OldLogs } from "./old_logs.ts";
import { OutputQueue } from "./output_queue.ts";
import { processPrevious } from "./processor.ts";
import { readTail } from "./last_label.ts";
import { finishLeftOvers, lockDirectory, openCurrent } from "./recovery.ts";
import type { DirectoryPlan } from "./script.ts";
import { type LogHost, Moot, Persistence } from "./trouble.ts";
import { isGone, reopenDirectory, replaceCurrent } from "./vanished.ts";

/** More than this is written by a helper thread: handing it over takes about 0.07 ms. */
const WRITE_LATER_SIZE = 32768;
const CLEAN_MODE = 0o744;
const IN_USE_MODE = 0o644;
const NEWLINE = 0x0a;
const NOTHING: Bytes = new Uint8Array(0);

/** For files that need not be looked after when their directory is gone. */
function errandsIn(host: LogHost, directoryFd: number): Persistence {
  return new Persistence(host, () => isGone(host.kernel, directoryFd));
}

async function unlessMoot<T>(errand: Promise<T>): Promise<T | undefined> {
  try {
    return await errand;
  } catch (error) {
    if (error instanceof Moot) return undefined;
    throw error;
  }
}

/** One log, opened. */
export class LogDirectory {
  /** Lines that are not written yet. */
  readonly queue = new OutputQueue();
  /** Where files end. */
  readonly rule: CutRule;
  /** Called when the queue became shorter, or is going to be stuck for a while. */
  onProgress: () => void = () => {};
  readonly #host: LogHost;
  readonly #plan: DirectoryPlan;
  #directoryFd: number;
  #lockFd: number;
  #oldLogs: OldLogs;
  #compressor: Compressor | undefined;
  /** For `current`: it is made again if it is gone. */
  readonly #persistence: Persistence;
  /** For other files: they are gone with the directory. */
  #errands: Persistence;
  #currentFd: number;
  /** Places where new files begin, as counts of bytes queued; the first ones come first. */
  readonly #cuts: number[] = [];
  /** How much was written, in bytes, on the same count. */
  #written = 0;
  /** How much was queued up to the end of the last chunk, and how much of it by that chunk. */
  #committed = 0;
  #lastChunkSize = 0;
  #working: Promise<void> | undefined;
  /** What is done with the file before `current`. */
  #finishing: Promise<void> = Promise.resolve();
  #isFinishing = false;
  /** Whether a rotation is held up by the one before it. */
  #isWaiting = false;
  #hasLeftOvers: boolean;
  #ageTimer: Timer | undefined;
  #isClosing = false;

  private constructor(
    host: LogHost,
    plan: DirectoryPlan,
    opened: {
      readonly directoryFd: number;
      readonly lockFd: number;
      readonly currentFd: number;
      readonly size: number;
      readonly wasClean: boolean;
      readonly oldLogs: OldLogs;
      readonly errands: Persistence;
    },
  ) {
    this.#host = host;
    this.#plan = plan;
    this.#directoryFd = opened.directoryFd;
    this.#lockFd = opened.lockFd;
    this.#currentFd = opened.currentFd;
    this.#hasLeftOvers = opened.wasClean;
    this.#oldLogs = opened.oldLogs;
    this.#persistence = new Persistence(host);
    this.#errands = opened.errands;
    for (const each of [this.#persistence, this.#errands]) {
      each.onTrouble = () => this.onProgress();
    }
    this.rule = new CutRule(plan.sizeBytes, opened.size, (position) => this.#cuts.push(position));
    if (plan.gzip) {
      this.#compressor = new Compressor(host, opened.directoryFd, plan, opened.errands);
      this.#compressor.takeUp(this.#oldLogs.list());
    }
    if (opened.size > 0) this.#startAge();
  }

  /**
   * Opens a log directory, and recovers what an earlier run left there.
   *
   * @throws {ProgramEnd} when it cannot be had
   */
  static async open(host: LogHost, plan: DirectoryPlan): Promise<LogDirectory> {
    const { kernel } = host;
    const { path } = plan;
    const { directoryFd, lockFd } = lockDirectory(kernel, path);
    const errands = errandsIn(host, directoryFd);
    const oldLogs = new OldLogs(kernel, directoryFd, plan, errands);
    const current = await openCurrent(kernel, { directoryFd, path }, oldLogs);
    const { fd: currentFd, size, wasClean } = current;
    const opened = { directoryFd, lockFd, currentFd, size, wasClean, oldLogs, errands };
    return new LogDirectory(host, plan, opened);
  }

  /** Whether the queue is stuck: something does not work, or a processor takes its time. */
  get isStuck(): boolean {
    return this.#persistence.troubles + this.#errands.troubles > 0 || this.#isWaiting;
  }

  /** Whether all is written but what came of the last chunk: one is written, one is prepared. */
  get hasRoom(): boolean {
    return this.queue.size <= Math.max(WRITE_LATER_SIZE, this.#lastChunkSize);
  }

  /** The end of what is in the log, from the beginning of a line on, as far as it can be read. */
  readTail(): Bytes {
    const { kernel } = this.#host;
    const old = this.#oldLogs.newest();
    const oldTail = old === undefined ? NOTHING : readTail(kernel, this.#directoryFd, old);
    if (this.rule.fileSize === 0) return oldTail;
    const tail = readTail(kernel, this.#directoryFd, "current");
    // Does it begin in the midst of a line that was too long? What looks like a label may be text.
    const isWhole = oldTail.length === 0 || oldTail.at(-1) === NEWLINE;
    return isWhole ? tail : tail.subarray(tail.indexOf(NEWLINE) + 1);
  }

  /** Leaves to the next run what can be done there as well: files that are not compressed yet. */
  hurry(): void {
    this.#compressor?.skipRest();
  }

  /** Ends a piece of input: what was appended up to now is written as soon as that is possible. */
  commit(): void {
    this.rule.flush();
    this.#lastChunkSize = this.rule.position - this.#committed;
    this.#committed = this.rule.position;
    if (this.#ageTimer === undefined && this.queue.size > 0) this.#startAge();
    if (this.#working !== undefined) return;
    if (this.#cuts.length === 0 && this.queue.size <= WRITE_LATER_SIZE) this.#writeAtOnce();
    if (this.queue.size > 0 || this.#cuts.length > 0) this.#work();
  }

  /** Begins a new file, unless `current` is empty, or the last one. */
  rotate(): void {
    this.rule.flush();
    if (this.rule.fileSize === 0 || this.#isClosing) return;
    this.#cuts.push(this.rule.position);
    this.rule.restart();
    this.commit();
  }

  /** Writes everything, and marks `current` as complete. The log cannot be used any more. */
  async close(): Promise<void> {
    const { path } = this.#plan;
    const { kernel } = this.#host;
    this.commit();
    this.#isClosing = true;
    this.#stopAge();
    await this.#working;
    await this.#finishing;
    await this.#compressor?.idle();
    await this.#persistence.until(["unable to write to ", path, "/current"], async () => {
      if (isGone(kernel, this.#currentFd)) await this.#replaceIfPossible();
    });
    await this.#syncCurrent();
    await this.#persistence.until(
      ["unable to set mode of ", path, "/current"],
      () => kernel.fchmod(this.#currentFd, CLEAN_MODE),
    );
    kernel.close(this.#currentFd);
    kernel.close(this.#lockFd);
    kernel.close(this.#directoryFd);
  }

  #writeAtOnce(): void {
    while (this.queue.size > 0) {
      try {
        const count = this.#host.kernel.write(this.#currentFd, this.queue.front(Infinity));
        if (count === 0) return;
        this.#took(count);
      } catch (error) {
        // Said when the same fails again, a moment later.
        errnoOf(error);
        return;
      }
    }
  }

  #took(count: number): void {
    this.queue.consume(count);
    this.#written += count;
  }

  #work(): void {
    this.#working = this.#writeAll();
    this.#working.catch((error) =>
      this.#host.reactor.post(() => {
        throw error;
      })
    );
  }

  async #writeAll(): Promise<void> {
    for (;;) {
      const cut = this.#cuts[0] ?? Infinity;
      if (cut === this.#written) {
        await this.#beginFile();
        this.#cuts.shift();
        continue;
      }
      if (this.queue.size === 0) {
        // In the same breath as the last look: what is queued from now on begins anew.
        this.#working = undefined;
        this.onProgress();
        return;
      }
      await this.#writeSome(cut - this.#written);
      this.onProgress();
    }
  }

  async #writeSome(max: number): Promise<void> {
    const { kernel } = this.#host;
    const bytes = this.queue.front(max);
    const fd = this.#currentFd;
    let errno: number = ERRNO.EIO;
    try {
      const isMuch = bytes.length > WRITE_LATER_SIZE;
      const count = isMuch ? await kernel.writeLater(fd, bytes) : kernel.write(fd, bytes);
      this.#took(count);
      if (count > 0) return;
    } catch (error) {
      errno = errnoOf(error);
    }
    await this.#persistence.pause(["unable to write to ", this.#plan.path, "/current"], errno);
  }

  async #beginFile(): Promise<void> {
    const { kernel } = this.#host;
    const { path } = this.#plan;
    this.#stopAge();
    await this.#syncCurrent();
    // Only a processor can take long. Where there is none, a crash must not take more for it.
    this.#isWaiting = this.#isFinishing && this.#plan.processor !== undefined;
    if (this.#isWaiting) this.onProgress();
    await this.#finishing;
    this.#isWaiting = false;
    if (this.#hasLeftOvers) {
      await this.#persistence.until(
        ["unable to stat ", path, "/processed"],
        () => unlessMoot(finishLeftOvers(kernel, this.#directoryFd, this.#oldLogs)),
      );
      this.#hasLeftOvers = false;
    }
    await this.#persistence.until(
      ["unable to rename current to previous in directory ", path],
      () => this.#putAside(),
    );
    const oldFd = this.#currentFd;
    const newFd = await this.#persistence.until(
      ["unable to create ", path, "/current"],
      () => kernel.openAppend(this.#directoryFd, "current"),
    );
    await this.#persistence.until(
      ["unable to set mode of ", path, "/current"],
      () => kernel.fchmod(newFd, IN_USE_MODE),
    );
    await this.#persistence.until(
      ["unable to set mode of ", path, "/previous"],
      () => kernel.fchmod(oldFd, CLEAN_MODE),
    );
    kernel.close(oldFd);
    this.#currentFd = newFd;
    this.#isFinishing = true;
    this.#finishing = this.#finishPrevious();
    if (this.#ageTimer === undefined && this.queue.size > 0) this.#startAge();
  }

  async #syncCurrent(): Promise<void> {
    const parts = ["unable to write ", this.#plan.path, "/current to disk"];
    await this.#persistence.until(parts, () => this.#host.kernel.fsyncLater(this.#currentFd));
  }

  async #putAside(): Promise<void> {
    const { kernel } = this.#host;
    try {
      kernel.rename(this.#directoryFd, "current", "previous");
    } catch (error) {
      if (errnoOf(error) !== ERRNO.ENOENT || !isGone(kernel, this.#currentFd)) throw error;
      await this.#replace();
      kernel.rename(this.#directoryFd, "current", "previous");
    }
  }

  /** Writes `current` again, which was removed; in a new directory, if that is gone too. */
  async #replace(): Promise<void> {
    const { kernel } = this.#host;
    if (isGone(kernel, this.#directoryFd)) await this.#reopen();
    const removedFd = this.#currentFd;
    this.#currentFd = await replaceCurrent(kernel, this.#directoryFd, this.#oldLogs, removedFd);
    kernel.close(removedFd);
    await this.#syncCurrent();
    this.#warn("/current was removed; it is there again");
  }

  /** At the end: with what a log stood in, the log is gone too, and there is nothing to wait for. */
  async #replaceIfPossible(): Promise<void> {
    try {
      await this.#replace();
    } catch (error) {
      if (errnoOf(error) !== ERRNO.ENOENT || error instanceof Moot) throw error;
      this.#warn("/current was removed, with the place where it was");
    }
  }

  #warn(text: string): void {
    this.#host.report(messageLine("multilog", "warning", [this.#plan.path, text]));
  }

  /** Goes on in another directory of the same name. */
  async #reopen(): Promise<void> {
    const { kernel } = this.#host;
    const plan = this.#plan;
    const { directoryFd, lockFd } = reopenDirectory(kernel, plan.path);
    await this.#compressor?.idle();
    for (const fd of [this.#lockFd, this.#directoryFd]) kernel.close(fd);
    this.#directoryFd = directoryFd;
    this.#lockFd = lockFd;
    this.#errands = errandsIn(this.#host, directoryFd);
    this.#errands.onTrouble = () => this.onProgress();
    this.#oldLogs = new OldLogs(kernel, directoryFd, plan, this.#errands);
    if (plan.gzip) {
      this.#compressor = new Compressor(this.#host, directoryFd, plan, this.#errands);
    }
  }

  async #finishPrevious(): Promise<void> {
    const { processor } = this.#plan;
    const name = await unlessMoot(
      processor === undefined ? this.#oldLogs.finish("previous", "s") : this.#process(processor),
    );
    this.#isFinishing = false;
    if (name !== undefined) this.#compressor?.add(name);
  }

  async #process(command: Bytes): Promise<string | undefined> {
    const { path } = this.#plan;
    const plan = { directoryFd: this.#directoryFd, path, command };
    await processPrevious(this.#host, plan, this.#errands);
    return await this.#oldLogs.finish("processed", "s");
  }

  #startAge(): void {
    const { maxAgeSeconds } = this.#plan;
    if (maxAgeSeconds === 0 || this.#isClosing) return;
    this.#ageTimer = this.#host.reactor.after(maxAgeSeconds * 1000, () => {
      this.#ageTimer = undefined;
      this.rotate();
    });
  }

  #stopAge(): void {
    if (this.#ageTimer !== undefined) this.#host.reactor.cancel(this.#ageTimer);
    this.#ageTimer = undefined;
  }
}
