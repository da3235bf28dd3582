/**
 * One log: a directory with `current`, to which lines are appended, and old files.
 *
 * Lines go into a queue, and are written before anything else is read. Where a new file begins is
 * known when bytes are queued (see cut_rule.ts): a rotation is part of the order in which the queue
 * is written. The order is held up by a file that is not finished yet, and nothing is read meanwhile;
 * or by something that fails, and the queue grows while other logs go on.
 */

import { type Bytes, EMPTY } from "../../base/bytes.ts";
import { fatal } from "../../base/messages.ts";
import { ignoreSystemError, SystemError } from "../../base/system_error.ts";
import { ERRNO } from "../../base/errno.ts";
import type { Timestamp } from "../../base/tai64n.ts";
import { unlessGivenUp } from "../retrier.ts";
import type { LabelForm } from "../label.ts";
import type { StreamContext } from "../stream_context.ts";
import type { DirectoryPlan } from "../script.ts";
import { AgeTimer, firstLineAge } from "./age_timer.ts";
import { CurrentFile } from "./current_file.ts";
import { type Cut, CutRule } from "./cut_rule.ts";
import { lastLabelTime, laterOf, readTail, type Tail, TAIL_SIZE } from "./last_label.ts";
import { type Attempt, LockedDirectory } from "./locked_directory.ts";
import { OutputQueue } from "./output_queue.ts";
import { openCurrent, type OpenedCurrent } from "./recovery.ts";
import { Rotation } from "./rotation.ts";
import { type LineState, settleWrite, type WaitingInput } from "./waiting_input.ts";

const NEWLINE = 0x0a;
/** While nobody says what lines there are. */
const NO_LINES: LineState = { unfinished: EMPTY, nextLabel: undefined };

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
  /** The lines that are made of the input. */
  lines: LineState = NO_LINES;
  readonly #context: StreamContext;
  readonly #current: CurrentFile;
  readonly #rotation: Rotation;
  readonly #age: AgeTimer;
  readonly #input: WaitingInput | undefined;
  /** Whether the run before this one was the last to write to the log. */
  readonly #isAsNoted: boolean;
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
    { input, isAsNoted }: { input: WaitingInput | undefined; isAsNoted: boolean },
  ) {
    const { context, plan } = directory;
    const { size } = current;
    this.#context = context;
    this.queue = new OutputQueue(context.buffers);
    this.rule = new CutRule(plan.sizeBytes, size, (cut) => this.#cuts.push(cut));
    this.#input = input;
    this.#isAsNoted = isAsNoted;
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
      const isAsNoted = settleWrite(directory, input);
      current = await openCurrent(directory, attempt);
      return new LogDirectory(directory, current, { input, isAsNoted });
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
   * The time of the last label that is in the log: by what we have noted, or else by what is there.
   * Undefined where there is none.
   *
   * @param memory twice TAIL_SIZE bytes to work with
   */
  lastLabel(form: LabelForm, memory: Bytes): Timestamp | undefined {
    // Text that looks like a label may be a service's.
    if (this.#isAsNoted) return this.#current.directory.lockFile.leftNote?.nextLabel;
    const tail = this.readTail(memory);
    return tail && lastLabelTime(tail, form);
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
      const noted = this.#current.directory.lockFile.notedLabel();
      return { bytes, latest: laterOf(latest, noted) ?? latest };
    } catch (error) {
      // As if nothing was noted.
      ignoreSystemError(error);
      return tail;
    }
  }

  /** Notes, for {@linkcode readTail}, that labels from this one on are later than the clock. */
  noteLabel(time: Timestamp): void {
    this.#current.directory.lockFile.noteLabel(time);
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
    else this.#takeRest();
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
    const isNoted = this.#note(sourceEnd, position - this.#written);
    if (!isNoted) {
      this.#current.directory.writeWithoutNote();
      this.#input?.takeOut(sourceEnd);
    }
    return { end: position, sourceEnd, isNoted };
  }

  /**
   * Notes that so many bytes are about to be written.
   *
   * @param sourceEnd what they came from lies before this place in the input
   * @returns whether that is noted
   */
  #note(sourceEnd: number, length: number): boolean {
    const { directory } = this.#current;
    const waiting = this.#input?.waiting(sourceEnd);
    if (waiting === undefined && !directory.lockFile.notes?.hasUnfinished) return false;
    try {
      return directory.beginWrite({
        currentInode: this.#current.inode,
        pipeInode: this.#input!.inode,
        sizeBefore: this.#current.size,
        sizeAfter: this.#current.size + length,
        input: waiting ?? EMPTY,
        // What lies behind a place where a file ends is still in the pipe.
        unfinished: sourceEnd === Infinity ? this.lines.unfinished : EMPTY,
        nextLabel: this.lines.nextLabel,
      });
    } catch (error) {
      // As where no note can be written.
      ignoreSystemError(error);
      return false;
    }
  }

  #endSection({ sourceEnd, isNoted }: Section): void {
    this.#section = undefined;
    if (isNoted) this.#endNoted(sourceEnd);
  }

  #endNoted(sourceEnd: number): void {
    const { directory } = this.#current;
    directory.endWrite(this.#input!.takeOut(sourceEnd, directory.mark));
  }

  /** Takes out what came to nothing, behind all that is written, or to the beginning of a line. */
  #takeRest(): void {
    if (this.#input?.waiting() === undefined) return;
    const keeps = this.lines.unfinished.length > 0 ||
      this.#current.directory.lockFile.notes?.hasUnfinished;
    if (keeps && this.#note(Infinity, 0)) this.#endNoted(Infinity);
    else this.#input.takeOut();
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
    this.#takeRest();
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
    directory.lockFile.noteFirstLine();
    this.#age.start();
  }
}
