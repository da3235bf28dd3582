/**
 * One run of multilog: input on one side, what the script names on the other.
 *
 * Input is read when it can be read and every log has room for more, as much as there is. All that
 * was read is taken in before anything else happens, so whoever asks for a rotation or for the end
 * finds nothing between the two.
 */

import type { Bytes } from "../base/bytes.ts";
import { ERRNO } from "../base/errno.ts";
import { messageLine } from "../base/messages.ts";
import { errnoOf } from "../base/system_error.ts";
import type { Timestamp } from "../base/tai64n.ts";
import { lastLabelTime, laterOf } from "./last_label.ts";
import { LogDirectory } from "./log_directory.ts";
import { Router, type Step, WINDOW_SIZE } from "./router.ts";
import type { Script } from "./script.ts";
import { StatusFile } from "./status_file.ts";
import type { LogHost } from "./trouble.ts";

/** As much as is read at a time; where it goes to several logs, less: each of them keeps a copy. */
const CHUNK_SIZE = 262144;
/** All logs that are stuck may together keep this much waiting, so that others can go on. */
const STUCK_BACKLOG_SIZE = 8 * 1024 * 1024;
/** Reads in a row without a turn of the event loop. */
const READS_PER_TURN = 8;
const PIPE_SIZE = 1024 * 1024;
const WOULD_BLOCK = -1;

/** A log stream. */
export class LogStream {
  readonly #host: LogHost;
  readonly #inputFd: number;
  readonly #logs: LogDirectory[];
  readonly #files: StatusFile[];
  readonly #router: Router;
  readonly #chunk: Bytes;
  #isStopping = false;
  /** Ends whatever wait is under way. */
  #wake: () => void = () => {};

  private constructor(host: LogHost, inputFd: number, label: Script["label"], steps: Step[]) {
    this.#host = host;
    this.#inputFd = inputFd;
    this.#logs = steps.flatMap((step) => step.kind === "directory" ? [step.log] : []);
    this.#files = steps.flatMap((step) => step.kind === "status" ? [step.file] : []);
    const share = CHUNK_SIZE / Math.max(1, this.#logs.length);
    this.#chunk = new Uint8Array(Math.ceil(share / WINDOW_SIZE) * WINDOW_SIZE);
    const { kernel } = host;
    const writeError = (bytes: Bytes) => {
      try {
        kernel.write(2, bytes);
      } catch (error) {
        errnoOf(error);
      }
    };
    const lastLabel = label === null ? undefined : this.#logs.reduce<Timestamp | undefined>(
      (latest, log) => laterOf(latest, lastLabelTime(log.readTail(), label)),
      undefined,
    );
    this.#router = new Router({ steps, label, lastLabel, clock: kernel, writeError });
    for (const log of this.#logs) log.onProgress = () => this.#wake();
  }

  /**
   * Opens everything that a script names.
   *
   * @throws {ProgramEnd} when something cannot be had; what was open by then is as before
   */
  static async open(host: LogHost, inputFd: number, script: Script): Promise<LogStream> {
    const files = new Map<unknown, StatusFile>();
    for (const action of script.actions) {
      if (action.kind === "status") files.set(action, new StatusFile(host, action.path));
    }
    const steps: Step[] = [];
    try {
      for (const action of script.actions) {
        if (action.kind === "directory") {
          steps.push({ kind: "directory", log: await LogDirectory.open(host, action.plan) });
        } else if (action.kind === "status") {
          steps.push({ kind: "status", file: files.get(action)! });
        } else steps.push(action);
      }
    } catch (error) {
      for (const step of steps) if (step.kind === "directory") await step.log.close();
      throw error;
    }
    return new LogStream(host, inputFd, script.label, steps);
  }

  /** Asks for the end: what was read is written, up to the next end of a line. */
  stop(): void {
    this.#isStopping = true;
    for (const log of this.#logs) log.hurry();
    this.#wake();
  }

  /** Asks for new files. */
  rotate(): void {
    for (const log of this.#logs) log.rotate();
  }

  /**
   * Logs until the input or the stream is to end, and everything is written.
   *
   * @returns the error number of a failed read; 0 when there was none
   */
  async run(): Promise<number> {
    this.#enlargePipe();
    const errno = await this.#readAll();
    this.#router.finish();
    await Promise.all([...this.#logs, ...this.#files].map((each) => each.close()));
    return errno;
  }

  /** Less often woken up, and less to wait for whoever writes. */
  #enlargePipe(): void {
    const { kernel } = this.#host;
    try {
      if (kernel.statFd(this.#inputFd).kind === "fifo") {
        kernel.setPipeSize(this.#inputFd, PIPE_SIZE);
      }
    } catch (error) {
      errnoOf(error);
    }
  }

  async #readAll(): Promise<number> {
    const { kernel } = this.#host;
    let reads = 0;
    try {
      for (;;) {
        await this.#room();
        if (this.#isStopping && !this.#router.midLine) return 0;
        if (++reads % READS_PER_TURN === 0 || !this.#hasMore()) {
          await this.#readable();
          if (this.#isStopping && !this.#router.midLine) return 0;
        }
        const size = this.#isStopping ? 1 : this.#chunk.length;
        const count = kernel.read(this.#inputFd, this.#chunk.subarray(0, size));
        if (count === 0) return 0;
        if (count !== WOULD_BLOCK) this.#router.take(this.#chunk.subarray(0, count));
      }
    } catch (error) {
      const errno = errnoOf(error);
      const parts = ["unable to read standard input"];
      this.#host.report(messageLine("multilog", "fatal", parts, errno));
      return errno;
    }
  }

  /** Waits until every log has room for another chunk. */
  async #room(): Promise<void> {
    while (!this.#hasRoom()) await new Promise<void>((resolve) => this.#wake = resolve);
  }

  #hasRoom(): boolean {
    let stuck = 0;
    for (const log of this.#logs) {
      if (log.isStuck) stuck += log.queue.size;
      else if (!log.hasRoom) return false;
    }
    return stuck < STUCK_BACKLOG_SIZE;
  }

  /** Whether a read would give something at once. */
  #hasMore(): boolean {
    try {
      return this.#host.kernel.bytesWaiting(this.#inputFd) > 0;
    } catch (error) {
      errnoOf(error);
      return false;
    }
  }

  /** Waits until there is something to read, or the stream is to stop. */
  async #readable(): Promise<void> {
    const { reactor } = this.#host;
    const wasStopping = this.#isStopping;
    try {
      await new Promise<void>((resolve) => {
        const end = () => {
          reactor.unwatch(this.#inputFd);
          this.#wake = () => {};
          resolve();
        };
        reactor.watch(this.#inputFd, end);
        this.#wake = () => {
          if (this.#isStopping && !wasStopping) end();
        };
      });
    } catch (error) {
      // An ordinary file can always be read, and cannot be watched.
      if (errnoOf(error) !== ERRNO.EPERM) throw error;
      await new Promise<void>((resolve) => reactor.post(resolve));
    }
  }
}
