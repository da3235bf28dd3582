/**
 * One log: a directory with `current`, to which lines are appended, and old files.
 *
 * Lines go into a queue, and are written before anything else is read. Where a new file begins is
 * known when bytes are queued (see cut_rule.ts): a rotation is part of the order in which the queue
 * is written. The order is held up by a file that is not finished yet, and nothing is read meanwhile;
 * or by something that fails, and the queue grows while other logs go on.
 */

import type { Bytes } from "../../base/bytes.ts";
import { fatal } from "../../base/messages.ts";
import { ignoreSystemError, SystemError } from "../../base/system_error.ts";
import { ERRNO } from "../../base/errno.ts";
import type { Timestamp } from "../../base/tai64n.ts";
import { unlessGivenUp } from "../retrier.ts";
import type { StreamContext } from "../stream_context.ts";
import type { DirectoryPlan } from "../script.ts";
import { AgeTimer, firstLineAge } from "./age_timer.ts";
import { CurrentFile } from "./current_file.ts";
import { CutRule } from "./cut_rule.ts";
import { laterOf, readTail, type Tail, TAIL_SIZE } from "./last_label.ts";
import { type Attempt, LockedDirectory } from "./locked_directory.ts";
import { OutputQueue } from "./output_queue.ts";
import { openCurrent, type OpenedCurrent } from "./recovery.ts";
import { Rotation } from "./rotation.ts";

const NEWLINE = 0x0a;

/** One log, opened. */
export class LogDirectory {
  /** Lines that are not written yet. */
  readonly queue: OutputQueue;
  /** Where files end. */
  readonly rule: CutRule;
  /** Called when all is written, or when something begins to fail. */
  onProgress: () => void = () => {};
  /** Called right before anything is written. It must be short, and must not throw. */
  onWrite: () => void = () => {};
  readonly #context: StreamContext;
  readonly #current: CurrentFile;
  readonly #rotation: Rotation;
  readonly #age: AgeTimer;
  /** Places where new files begin, as counts of bytes queued; the first ones come first. */
  readonly #cuts: number[] = [];
  /** How much was written, in bytes, on the same count. */
  #written = 0;
  #isWriting = false;
  /** Resolves when nothing is being written. */
  #writing: Promise<void> = Promise.resolve();
  #isClosing = false;

  private constructor(directory: LockedDirectory, { fd, size }: OpenedCurrent) {
    const { context, plan } = directory;
    this.#context = context;
    this.queue = new OutputQueue(context.buffers);
    this.rule = new CutRule(plan.sizeBytes, size, (position) => this.#cuts.push(position));
    this.#current = new CurrentFile(directory, fd);
    this.#current.onFailure = () => this.onProgress();
    this.#rotation = new Rotation(this.#current);
    this.#age = new AgeTimer(context.reactor, plan.maxAgeSeconds, () => this.rotate());
    if (size > 0 && plan.maxAgeSeconds > 0) this.#age.start(firstLineAge(directory));
    directory.compressor?.takeUp(directory.oldLogs.names());
  }

  /**
   * Opens a log directory, and recovers what an earlier run left there.
   *
   * @throws {ProgramEnd} when it cannot be had; it is left as it is then, and unlocked
   */
  static async open(context: StreamContext, plan: DirectoryPlan): Promise<LogDirectory> {
    const attempt: Attempt = (parts, step) => {
      try {
        return step();
      } catch (error) {
        fatal(context.program, parts, error);
      }
    };
    const directory = LockedDirectory.lock(context, plan, attempt);
    let current: OpenedCurrent | undefined;
    try {
      current = await openCurrent(directory, attempt);
      return new LogDirectory(directory, current);
    } catch (error) {
      if (current !== undefined) context.kernel.close(current.fd);
      await directory.close();
      throw error;
    }
  }

  /** Whether all is written that was appended. */
  get isReady(): boolean {
    return !this.#isWriting;
  }

  /** Whether something fails at present, and is tried again. */
  get isFailing(): boolean {
    return this.#current.isFailing;
  }

  /** The directory's name in messages. */
  get name(): Bytes {
    return this.#current.directory.name;
  }

  /**
   * The end of what was written to the log; undefined where it cannot be read, or there is none.
   * What a processor made of it does not count.
   *
   * @param into where it is put, twice TAIL_SIZE bytes
   */
  readTail(into: Bytes): Tail | undefined {
    const tail = this.#readTail(into);
    if (tail === undefined) return undefined;
    const { bytes, latest } = tail;
    try {
      return { bytes, latest: laterOf(latest, this.#current.directory.notedLabel()) ?? latest };
    } catch (error) {
      // As if nothing was noted.
      ignoreSystemError(error);
      return tail;
    }
  }

  /** Notes, for {@linkcode readTail}, that labels from this one on are later than the clock. */
  noteLabel(time: Timestamp): void {
    this.#current.directory.noteLabel(time);
  }

  #readTail(into: Bytes): Tail | undefined {
    const { fd: directoryFd, oldLogs, plan } = this.#current.directory;
    const { kernel } = this.#context;
    const old = oldLogs.newest();
    const oldTail = old && readTail(kernel, { directoryFd, file: old }, into);
    if (this.rule.fileSize === 0) return plan.processor === undefined ? oldTail : undefined;
    const tail = readTail(kernel, { directoryFd, file: "current" }, into.subarray(TAIL_SIZE));
    // Does it begin in the midst of a line that was too long? What looks like a label may be text.
    const lastByte = oldTail?.bytes.at(-1) ?? NEWLINE;
    if (tail === undefined || lastByte === NEWLINE) return tail;
    return { ...tail, bytes: tail.bytes.subarray(tail.bytes.indexOf(NEWLINE) + 1) };
  }

  /** Leaves old files that are not compressed yet to the next run. */
  stopCompressing(): void {
    this.#current.directory.compressor?.skipRest();
  }

  /** Ends a piece of input: what was appended up to now is written as soon as that is possible. */
  commit(): void {
    this.rule.flush();
    this.queue.releaseUnused();
    if (this.queue.size > 0 && !this.#age.isRunning) this.#startAge();
    if (this.#isWriting) return;
    if (this.#cuts.length === 0) this.#writeAtOnce();
    if (this.queue.size > 0 || this.#cuts.length > 0) this.#startWriting();
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
    this.commit();
    this.#isClosing = true;
    this.#age.stop();
    await this.#writing;
    await this.#rotation.idle();
    await this.#current.finish();
  }

  /** Ends at once: nothing more is written, and another process can have the log. */
  abandon(): void {
    this.#isClosing = true;
    this.#age.stop();
    this.#current.abandon(Promise.all([this.#writing, this.#rotation.idle()]));
  }

  #writeAtOnce(): void {
    try {
      while (this.queue.size > 0) this.#writeSome(Infinity);
    } catch (error) {
      // It is said when the same fails again, a moment later.
      ignoreSystemError(error);
    }
  }

  #writeSome(max: number): void {
    const bytes = this.queue.front(max);
    this.onWrite();
    const count = this.#current.write(bytes);
    if (count === 0) throw new SystemError("write", ERRNO.EIO);
    this.queue.consume(count);
    this.#written += count;
  }

  #startWriting(): void {
    this.#isWriting = true;
    this.#writing = unlessGivenUp(this.#writeAll()).catch((error) => {
      this.#isWriting = false;
      // A mistake of ours: it is reported, and what is appended next tries again.
      this.#context.reactor.post(() => {
        throw error;
      });
    });
  }

  /** Writes the queue, and begins files where they begin, until nothing is left. */
  async #writeAll(): Promise<void> {
    while (this.queue.size > 0 || this.#cuts.length > 0) {
      const cut = this.#cuts[0] ?? Infinity;
      if (cut === this.#written) {
        await this.#beginFile();
        this.#cuts.shift();
      } else {
        try {
          this.#writeSome(cut - this.#written);
        } catch (error) {
          await this.#current.pauseWriting(error);
        }
      }
    }
    // At once, with no wait since the last look: what is appended from now on begins anew.
    this.#isWriting = false;
    this.onProgress();
  }

  async #beginFile(): Promise<void> {
    this.#age.stop();
    await this.#rotation.beginFile();
    if (this.queue.size > 0) this.#startAge();
  }

  #startAge(): void {
    const { directory } = this.#current;
    if (directory.plan.maxAgeSeconds === 0 || this.#isClosing) return;
    directory.noteFirstLine();
    this.#age.start();
  }
}
