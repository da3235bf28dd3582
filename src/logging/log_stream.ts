/**
 * One run of multilog: input on one side, what the script names on the other.
 *
 * Input is read when all that was read before is written. It is taken in and written before
 * anything else happens: a rotation, the end, or another read. So a kill takes no more than one
 * read; and nothing of what comes through a pipe and goes into one log, as that stays in the pipe
 * until it is written.
 */

import type { Bytes } from "../base/bytes.ts";
import { ERRNO } from "../base/errno.ts";
import { errnoOf, ignoreSystemError } from "../base/system_error.ts";
import type { Aftermath } from "../reactor/reactor.ts";
import type { Timestamp } from "../base/tai64n.ts";
import { laterOf } from "./directory/last_label.ts";
import { LogDirectory } from "./directory/log_directory.ts";
import type { LabelerOptions, LabelForm } from "./label.ts";
import { LARGEST_LOOK, PipeInput } from "./pipe_input.ts";
import { ReadSize } from "./read_size.ts";
import { Router, type Step } from "./router.ts";
import type { Action, Script } from "./script.ts";
import { StatusFile } from "./status_file.ts";
import { INPUT_SIZE } from "./stream_buffers.ts";
import type { StreamContext } from "./stream_context.ts";

/** All logs that fail may together keep this much waiting, in bytes, so that others can go on. */
const BACKLOG_SIZE = 8 * 1024 * 1024;
/** So much at once is much, in bytes: some pipes hold no more. */
const MUCH_INPUT = 4096;
/** Reads in a row without a turn of the event loop. */
const READS_PER_TURN = 32;

/** Where lines go to several places, larger reads take at once what they give, in bytes. */
const LARGEST_SHARED_LOOK = 8192;

/** What a stream waits for: input, logs that have room, only its turn, or nothing any more. */
type Wait = "input" | "room" | "turn" | "end";

/**
 * Whether lines go to one log, and nowhere where a second time matters. The logs of several are
 * written up to different places; no note can tell of all of them at once.
 */
function isForOneLog(actions: readonly Action[]): boolean {
  const logs = actions.filter(({ kind }) => kind === "directory");
  return logs.length === 1 && actions.every(({ kind }) => kind !== "stderr");
}

/** The last label in any of the logs. */
function lastLabelOf(
  logs: readonly LogDirectory[],
  label: LabelForm,
  { buffers }: StreamContext,
): Timestamp | undefined {
  const block = buffers.takeBlock();
  const labels = logs.map((log) => log.lastLabel(label, block.bytes));
  buffers.returnBlock(block);
  return labels.reduce(laterOf, undefined);
}

/** A log stream. */
export class LogStream {
  readonly #context: StreamContext;
  readonly #inputFd: number;
  readonly #input: PipeInput;
  readonly #logs: readonly LogDirectory[];
  readonly #files: readonly StatusFile[];
  readonly #router: Router;
  readonly #readSize: ReadSize;
  /** Whether all lines are for one log, which says when they are taken out of the pipe. */
  readonly #isForOne: boolean;
  #isStopping = false;
  #isPaused = false;
  #isWatched = false;
  #isAbandoned = false;
  /** Reads; there while input is waited for. */
  #onInput: (() => Aftermath | undefined) | undefined;
  /** Ends a wait for logs that have room. */
  #endRoomWait: () => void = () => {};

  private constructor(
    context: StreamContext,
    { fd, input, isForOne }: { fd: number; input: PipeInput; isForOne: boolean },
    label: Script["label"],
    { steps, logs, files }: { steps: Step[]; logs: LogDirectory[]; files: StatusFile[] },
  ) {
    const { kernel, errorFd } = context;
    this.#context = context;
    this.#inputFd = fd;
    this.#input = input;
    this.#readSize = new ReadSize(INPUT_SIZE);
    this.#logs = logs;
    this.#files = files;
    this.#isForOne = isForOne;
    const writeError = (bytes: Bytes) => {
      try {
        kernel.write(errorFd, bytes);
      } catch (error) {
        // As in daemontools: who cannot show a line logs it all the same.
        ignoreSystemError(error);
      }
    };
    const labels: LabelerOptions = {
      last: label === null ? undefined : lastLabelOf(logs, label, context),
      onReturn: (leadSeconds) =>
        context.reporter.warning([
          ...logs.flatMap(({ name }) => [name, " "]),
          `had labels ${leadSeconds} seconds ahead of the clock; they follow it again`,
        ]),
      onLead: (next) => {
        for (const log of logs) log.noteLabel(next);
      },
    };
    this.#router = new Router({ steps, label, labels, clock: kernel, writeError });
    for (const log of logs) {
      log.lines = this.#router;
      log.onProgress = () => this.#endRoomWait();
    }
  }

  /**
   * Opens everything that a script names.
   *
   * @param inputFd what is read; it stays the caller's to close
   * @throws {ProgramEnd} when something cannot be had; what was open by then is as before
   */
  static async open(context: StreamContext, inputFd: number, script: Script): Promise<LogStream> {
    const steps: Step[] = [];
    const logs: LogDirectory[] = [];
    const files: StatusFile[] = [];
    const isForOne = isForOneLog(script.actions);
    const { kernel, lookPipe } = context;
    const largestLook = isForOne ? LARGEST_LOOK : LARGEST_SHARED_LOOK;
    const input = new PipeInput(kernel, lookPipe, inputFd, largestLook);
    try {
      // The order of multilog of daemontools: first the status files, then the directories.
      for (const action of script.actions) {
        if (action.kind === "status") files.push(new StatusFile(context, action.path));
      }
      const unplaced = files.values();
      for (const action of script.actions) {
        if (action.kind === "directory") {
          const log = await LogDirectory.open(context, action.plan, isForOne ? input : undefined);
          logs.push(log);
          steps.push({ kind: "directory", log });
        } else if (action.kind === "status") {
          steps.push({ kind: "status", file: unplaced.next().value! });
        } else steps.push(action);
      }
      return new LogStream(context, { fd: inputFd, input, isForOne }, script.label, {
        steps,
        logs,
        files,
      });
    } catch (error) {
      for (const each of [...logs, ...files]) await each.close();
      throw error;
    }
  }

  /** Asks for the end: what was read is written, up to the next end of a line. */
  stop(): void {
    this.#isStopping = true;
    for (const log of this.#logs) log.stopCompressing();
    this.#interrupt();
  }

  /** Asks for new files. */
  rotate(): void {
    for (const log of this.#logs) log.rotate();
  }

  /** Reads nothing until {@linkcode resume}. */
  pause(): void {
    this.#isPaused = true;
    this.#interrupt();
  }

  /** Goes on reading. */
  resume(): void {
    this.#isPaused = false;
    this.#interrupt();
  }

  /** Ends at once, as SIGKILL ends multilog: nothing is read or written any more. */
  abandon(): void {
    this.#isAbandoned = true;
    this.#interrupt();
  }

  /**
   * Logs until the input or the stream is to end, and everything is written and closed.
   *
   * @returns the error number of a failed read; 0 when there was none
   */
  async run(): Promise<number> {
    const errno = await this.#readAll();
    if (!this.#isAbandoned) {
      this.#router.finish();
      const closing = Promise.all([...this.#logs, ...this.#files].map((each) => each.close()));
      await Promise.race([closing, this.#untilAbandoned()]);
    }
    if (this.#isAbandoned) { for (const each of [...this.#logs, ...this.#files]) each.abandon(); }
    return errno;
  }

  async #readAll(): Promise<number> {
    const { reactor, reporter } = this.#context;
    try {
      for (let next = this.#readSome();;) {
        if (next === "end") return 0;
        if (next === "input") {
          if (await this.#waitForInput() === "end") return 0;
        } else if (next === "turn") await new Promise<void>((resolve) => reactor.post(resolve));
        else await new Promise<void>((resolve) => this.#endRoomWait = resolve);
        // Whatever was waited for: it may have changed since.
        next = this.#readSome();
      }
    } catch (error) {
      const errno = errnoOf(error);
      reporter.fatal(["unable to read standard input"], error);
      return errno;
    } finally {
      this.#unwatch();
    }
  }

  /** Reads and takes in, as long as that can be done at once; tells what is to be waited for. */
  #readSome(): Wait {
    const { buffers: { input }, reactor } = this.#context;
    let bytes = 0;
    for (let reads = 0; reads < READS_PER_TURN; reads++) {
      if (!this.#mayRead()) return this.#isAbandoned ? "end" : "room";
      if (this.#logUnseen()) continue;
      if (this.#isStopping && !this.#router.midLine) return "end";
      const size = this.#isStopping ? 1 : this.#sizeOfRead();
      const count = this.#input.read(input.subarray(0, size));
      if (count === 0) return "end";
      if (count > 0) this.#log(count);
      bytes += count;
      if (bytes >= MUCH_INPUT) reactor.hurry();
      this.#readSize.note(count === size);
      if (count < size) return "input";
    }
    return "turn";
  }

  /** A kill takes nothing that is only looked at, however much it is. */
  #sizeOfRead(): number {
    return this.#input.isLooking ? LARGEST_LOOK : this.#readSize.size;
  }

  /** Logs what was read. The log takes it out of the pipe, where there is one log. */
  #log(count: number): void {
    const { input, inputView } = this.#context.buffers;
    this.#router.take(input.subarray(0, count), inputView);
    if (!this.#isForOne) this.#input.takeOut();
    this.#router.commit();
    if (this.#mayRead()) this.#logUnseen();
    else this.#input.keep();
  }

  /** Logs what was taken out of the pipe without having been seen, if there is any. */
  #logUnseen(): boolean {
    const unseen = this.#input.unseen();
    if (unseen === undefined) return false;
    const { input, inputView } = this.#context.buffers;
    input.set(unseen);
    this.#router.take(input.subarray(0, unseen.length), inputView);
    this.#router.commit();
    return true;
  }

  /** Whether all that was read is written, but for logs that fail while others do not. */
  #mayRead(): boolean {
    if (this.#isPaused || this.#isAbandoned) return false;
    let backlogBytes = 0;
    let failing = 0;
    for (const log of this.#logs) {
      if (log.isReady) continue;
      if (!log.isFailing) return false;
      failing++;
      backlogBytes += log.queue.size;
    }
    return failing === 0 || (failing < this.#logs.length && backlogBytes < BACKLOG_SIZE);
  }

  /** Whether all is written that was read, and nothing is under way. */
  get #isSettled(): boolean {
    return this.#files.length === 0 && this.#logs.every((log) => log.isReady);
  }

  #interrupt(): void {
    this.#endRoomWait();
    this.#onInput?.();
  }

  /** Reads whenever there is input, until something else than more input is to be waited for. */
  async #waitForInput(): Promise<Wait> {
    try {
      this.#watch();
    } catch (error) {
      // An ordinary file can always be read, and cannot be watched.
      if (errnoOf(error) !== ERRNO.EPERM) throw error;
      return "turn";
    }
    return await new Promise((resolve, reject) => {
      this.#onInput = () => {
        try {
          const next = this.#readSome();
          if (next === "input") return this.#isSettled ? "settled" : undefined;
          this.#onInput = undefined;
          resolve(next);
        } catch (error) {
          this.#onInput = undefined;
          reject(error);
        }
        return undefined;
      };
    });
  }

  #watch(): void {
    if (this.#isWatched) return;
    this.#context.reactor.watch(this.#inputFd, () => {
      if (this.#onInput !== undefined) return this.#onInput();
      // Nobody reads it now, and the poller would tell the same again and again.
      this.#unwatch();
      return undefined;
    });
    this.#isWatched = true;
  }

  #unwatch(): void {
    if (this.#isWatched) this.#context.reactor.unwatch(this.#inputFd);
    this.#isWatched = false;
  }

  #untilAbandoned(): Promise<void> {
    return new Promise((resolve) => {
      this.#endRoomWait = () => {
        if (this.#isAbandoned) resolve();
      };
    });
  }
}
