/**
 * One run of multilog: input on one side, what the script names on the other.
 *
 * Input is read when all that was read before is written. It is taken in and written before
 * anything else happens: a rotation, the end, or another read. So a kill takes no more than one
 * read.
 */

import type { Bytes } from "../base/bytes.ts";
import { ERRNO } from "../base/errno.ts";
import { errnoOf, ignoreSystemError } from "../base/system_error.ts";
import type { Timestamp } from "../base/tai64n.ts";
import { lastLabelTime, laterOf } from "./directory/last_label.ts";
import { LogDirectory } from "./directory/log_directory.ts";
import { InputReader } from "./input_reader.ts";
import type { LabelForm } from "./label.ts";
import { ReadSize } from "./read_size.ts";
import { Router, type Step } from "./router.ts";
import type { Script } from "./script.ts";
import { StatusFile } from "./status_file.ts";
import type { StreamContext } from "./stream_context.ts";

/** All logs that fail may together keep this much waiting, in bytes, so that others can go on. */
const BACKLOG_SIZE = 8 * 1024 * 1024;
/** Reads in a row without a turn of the event loop. */
const READS_PER_TURN = 32;

/** The last label in any of the logs. */
function lastLabelOf(
  logs: readonly LogDirectory[],
  label: LabelForm,
  { buffers }: StreamContext,
): Timestamp | undefined {
  const block = buffers.takeBlock();
  const labels = logs.map((log) => lastLabelTime(log.readTail(block), label));
  buffers.returnBlock(block);
  return labels.reduce(laterOf, undefined);
}

/** A log stream. */
export class LogStream {
  readonly #context: StreamContext;
  readonly #inputFd: number;
  readonly #input: InputReader;
  readonly #logs: readonly LogDirectory[];
  readonly #files: readonly StatusFile[];
  readonly #router: Router;
  #isStopping = false;
  #isPaused = false;
  #isAbandoned = false;
  /** Ends a wait for input; false says that something else came up. */
  #endInputWait: ((isReadable: boolean) => void) | undefined;
  /** Ends a wait for logs that have room. */
  #endRoomWait: () => void = () => {};

  private constructor(
    context: StreamContext,
    inputFd: number,
    label: Script["label"],
    { steps, logs, files }: { steps: Step[]; logs: LogDirectory[]; files: StatusFile[] },
  ) {
    const { kernel, errorFd } = context;
    this.#context = context;
    this.#inputFd = inputFd;
    this.#logs = logs;
    this.#files = files;
    this.#input = new InputReader(kernel, inputFd, {
      readMayBlock: false,
      forInput: () => this.#waitForInput(),
    });
    const writeError = (bytes: Bytes) => {
      try {
        kernel.write(errorFd, bytes);
      } catch (error) {
        // As in daemontools: who cannot show a line logs it all the same.
        ignoreSystemError(error);
      }
    };
    const lastLabel = label === null ? undefined : lastLabelOf(logs, label, context);
    const onLabelsReturn = (leadSeconds: number) =>
      context.reporter.warning([
        ...logs.flatMap(({ name }) => [name, " "]),
        `had labels ${leadSeconds} seconds ahead of the clock; they follow it again`,
      ]);
    const clock = kernel;
    this.#router = new Router({ steps, label, lastLabel, clock, onLabelsReturn, writeError });
    for (const log of logs) log.onProgress = () => this.#endRoomWait();
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
    try {
      // The order of multilog of daemontools: first the status files, then the directories.
      for (const action of script.actions) {
        if (action.kind === "status") files.push(new StatusFile(context, action.path));
      }
      const unplaced = files.values();
      for (const action of script.actions) {
        if (action.kind === "directory") {
          const log = await LogDirectory.open(context, action.plan);
          logs.push(log);
          steps.push({ kind: "directory", log });
        } else if (action.kind === "status") {
          steps.push({ kind: "status", file: unplaced.next().value! });
        } else steps.push(action);
      }
      return new LogStream(context, inputFd, script.label, { steps, logs, files });
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
    const { buffers, reactor, reporter } = this.#context;
    const { input } = buffers;
    const take = (bytes: Bytes) => this.#router.take(bytes);
    const readSize = new ReadSize(input.length);
    let usualSize = readSize.next(false);
    try {
      for (let reads = 1;; reads++) {
        if (reads % READS_PER_TURN === 0) await new Promise<void>((next) => reactor.post(next));
        while (!this.#mayRead()) {
          if (this.#isAbandoned) return 0;
          await new Promise<void>((resolve) => this.#endRoomWait = resolve);
        }
        if (this.#isStopping && !this.#router.midLine) return 0;
        const size = this.#isStopping ? 1 : usualSize;
        const count = await this.#input.read(input.subarray(0, size), take);
        if (count === 0) return 0;
        usualSize = readSize.next(count === size);
      }
    } catch (error) {
      const errno = errnoOf(error);
      reporter.fatal(["unable to read standard input"], error);
      return errno;
    }
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

  #interrupt(): void {
    this.#endRoomWait();
    this.#endInputWait?.(false);
  }

  /** Waits for input, or for a call of {@linkcode stop} and its like; then false. */
  async #waitForInput(): Promise<boolean> {
    const { reactor } = this.#context;
    try {
      reactor.watch(this.#inputFd, () => this.#endInputWait?.(true));
    } catch (error) {
      // An ordinary file can always be read, and cannot be watched.
      if (errnoOf(error) !== ERRNO.EPERM) throw error;
      await new Promise<void>((next) => reactor.post(next));
      return true;
    }
    return await new Promise<boolean>((resolve) => {
      this.#endInputWait = (isReadable) => {
        this.#endInputWait = undefined;
        // At once: until it is read, the poller would tell the same again.
        reactor.unwatch(this.#inputFd);
        resolve(isReadable);
      };
    });
  }

  #untilAbandoned(): Promise<void> {
    return new Promise((resolve) => {
      this.#endRoomWait = () => {
        if (this.#isAbandoned) resolve();
      };
    });
  }
}
