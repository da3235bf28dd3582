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
import { type Cut, CutRule } from "./cut_rule.ts";
import { laterOf, readTail, type Tail, TAIL_SIZE } from "./last_label.ts";
import { type Attempt, LockedDirectory } from "./locked_directory.ts";
import { OutputQueue } from "./output_queue.ts";
import { openCurrent, type OpenedCurrent } from "./recovery.ts";
import { Rotation } from "./rotation.ts";
import { settleWrite, type WaitingInput } from "./waiting_input.ts";

const NEWLINE = 0x0a;
/**
 * Where less input than this is written at once, it is taken out right before, in bytes: a note
 * would take longer than it is worth.
 */
const SMALLEST_NOTED = 1024;

/** A part of what was appended that is written to one file, and at once where nothing fails. */
interface Section {
  /** Behind so many bytes of all that was appended. */
  readonly end: number;
  /** What it came from lies before this place in the input. */
  readonly sourceEnd: number;
  /** Whether the write is noted, and the input to be taken out when it is done. */
  readonly isNoted: boolean;
}

/** One log, opened. */
export class LogDirectory {
  /** Lines that are not written yet. */
  readonly queue: OutputQueue;
  /** Where files end. */
  readonly rule: CutRule;
  /** Called when all is written, or when something begins to fail. */
  onProgress: () => void = () => {};
  readonly #context: StreamContext;
  readonly #current: CurrentFile;
  readonly #rotation: Rotation;
  readonly #age: AgeTimer;
  readonly #input: WaitingInput | undefined;
  /** Places where new files begin, as counts of bytes queued; the first ones come first. */
  readonly #cuts: Cut[] = [];
  /** What is written without a new file in between, once that has begun. */
  #section: Section | undefined;
  /** How much was written, in bytes, on the same count. */
  #written = 0;
  #isWriting = false;
  /** Resolves when nothing is being written. */
  #writing: Promise<void> = Promise.resolve();
  #isClosing = false;

  private constructor(
    directory: LockedDirectory,
    current: OpenedCurrent,
    input: WaitingInput | undefined,
  ) {
    const { context, plan } = directory;
    const { size } = current;
    this.#context = context;
    this.queue = new OutputQueue(context.buffers);
    this.rule = new CutRule(plan.sizeBytes, size, (cut) => this.#cuts.push(cut));
    this.#input = input;
    this.#current = new CurrentFile(directory, current);
    this.#current.onFailure = () => this.onProgress();
    this.#rotation = new Rotation(this.#current);
    this.#age = new AgeTimer(context.reactor, plan.maxAgeSeconds, () => this.rotate());
    if (size > 0 && plan.maxAgeSeconds > 0) this.#age.start(firstLineAge(directory));
    directory.compressor?.takeUp(directory.oldLogs.names());
  }

  /**
   * Opens a log directory, and recovers what an earlier run left there.
   *
   * @param input what is logged here, and nowhere else: it is taken out when it is written
   * @throws {ProgramEnd} when it cannot be had; it is left as it is then, and unlocked
   */
  static async open(
    context: StreamContext,
    plan: DirectoryPlan,
    input?: WaitingInput,
  ): Promise<LogDirectory> {
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
      if (input !== undefined) {
        settleWrite(directory, input);
        directory.prepareNotes();
      }
      current = await openCurrent(directory, attempt);
      return new LogDirectory(directory, current, input);
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
    this.#cuts.push({ position: this.rule.position, sourceEnd: Infinity });
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
      while (this.queue.size > 0) this.#writeSome();
    } catch (error) {
      // It is said when the same fails again, a moment later.
      ignoreSystemError(error);
    }
  }

  /** Writes once, at most up to where a new file begins. */
  #writeSome(): void {
    const section = this.#section ??= this.#beginSection();
    const count = this.#current.write(this.queue.front(section.end - this.#written));
    if (count === 0) throw new SystemError("write", ERRNO.EIO);
    this.queue.consume(count);
    this.#written += count;
    if (this.#written === section.end) this.#endSection(section);
  }

  #beginSection(): Section {
    const { position, sourceEnd } = this.#cuts[0] ??
      { position: this.#written + this.queue.size, sourceEnd: Infinity };
    const waiting = this.#input?.waiting(sourceEnd);
    const isNoted = waiting !== undefined &&
      (waiting.length >= SMALLEST_NOTED || this.#isWriting) &&
      this.#note(waiting, position - this.#written);
    if (!isNoted) this.#input?.takeOut(sourceEnd);
    return { end: position, sourceEnd, isNoted };
  }

  #note(input: Bytes, length: number): boolean {
    const current = this.#current;
    try {
      return current.directory.beginWrite({
        currentInode: current.inode,
        pipeInode: this.#input!.inode,
        sizeBefore: current.size,
        sizeAfter: current.size + length,
        input,
      });
    } catch (error) {
      // As where no note can be written.
      ignoreSystemError(error);
      return false;
    }
  }

  #endSection({ sourceEnd, isNoted }: Section): void {
    this.#section = undefined;
    if (!isNoted) return;
    const { directory } = this.#current;
    // Where the same comes again and again, the next run would take what comes for what is written.
    // Who writes to the pipe may have its turn when there is room: a kill comes then, if at all.
    if (directory.isRepeating) directory.endWrite();
    this.#input?.takeOut(sourceEnd);
    directory.endWrite();
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
      if (this.#cuts[0]?.position === this.#written) {
        await this.#beginFile();
        this.#cuts.shift();
      } else {
        try {
          this.#writeSome();
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
