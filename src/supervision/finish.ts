/**
 * `./finish`: what a service has to do after each end of `./run`. While it runs the service counts
 * as down, and is not started again.
 *
 * Its arguments are those of runit: the exit code, -1 when there is none, and the low byte of the
 * wait status, which is the number of the signal that ended `./run`; then the service's name and
 * the process id that `./run` had.
 */

import { encode } from "../base/bytes.ts";
import type { Reporter } from "../base/messages.ts";
import { SIGNAL } from "../base/signals.ts";
import { ignoreSystemError, unlessMissing } from "../base/system_error.ts";
import { decodeWaitStatus } from "../base/wait_status.ts";
import { startChild } from "./child_process.ts";
import type { SupervisionHost } from "./host.ts";
import { KillTimer } from "./kill_timer.ts";
import type { ServiceDirectory } from "./service_directory.ts";
import type { OnProcessEnd, ServiceProcess } from "./service_process.ts";
import type { Settings } from "./settings.ts";

const FINISH = "./finish";
const EXECUTABLE_BITS = 0o111;

/** How `./run` ended. */
export interface RunEnd {
  /** The process id that it had. */
  readonly pid: number;
  /** As from waitpid(2); undefined when it cannot be known. */
  readonly waitStatus: number | undefined;
}

/** Runs `./finish` of one service. */
export class Finish {
  readonly #host: SupervisionHost;
  readonly #directory: ServiceDirectory;
  readonly #settings: Settings;
  readonly #reporter: Reporter;
  /** To be told of the end of a process that {@linkcode goOnWith} was given. */
  readonly onEnd: OnProcessEnd;
  #killTimer: KillTimer | undefined;
  #process: ServiceProcess | undefined;

  /**
   * @param onEnd told whenever `./finish` has ended
   */
  constructor(
    host: SupervisionHost,
    directory: ServiceDirectory,
    { settings, reporter }: { settings: Settings; reporter: Reporter },
    onEnd: OnProcessEnd,
  ) {
    this.#host = host;
    this.#directory = directory;
    this.#settings = settings;
    this.#reporter = reporter;
    this.onEnd = (waitStatus) => {
      this.#killTimer?.cancel();
      this.#process = undefined;
      onEnd(waitStatus);
    };
  }

  /** Whether it is a process that an earlier supervisor has left. */
  get isAdopted(): boolean {
    return this.#process?.kind === "adopted";
  }

  /** Its process id; 0 when it does not run. */
  get pid(): number {
    return this.#process?.pid ?? 0;
  }

  /**
   * Starts `./finish`, if there is an executable one. That it cannot be started is told.
   *
   * @param descriptors what becomes its standard input and output; ours if absent
   * @returns whether it runs
   */
  start(
    end: RunEnd,
    descriptors: { stdinFd: number | undefined; stdoutFd: number | undefined },
  ): boolean {
    try {
      if (!this.#isThere()) return false;
      const plan = {
        path: FINISH,
        argv: this.#argumentsFor(end),
        environment: this.#host.environment,
        directoryFd: this.#directory.fd,
        ...descriptors,
      };
      this.goOnWith(startChild(this.#host, plan, this.onEnd));
      return true;
    } catch (error) {
      this.#reporter.warning(["unable to start ", this.#directory.name, "/finish"], error);
      return false;
    }
  }

  /**
   * Goes on with a process that runs.
   *
   * @param ranMs for how long it has run, in milliseconds: its time goes on
   */
  goOnWith(process: ServiceProcess, ranMs = 0): void {
    this.#process = process;
    const what = [this.#directory.name, `/finish (pid ${process.pid})`];
    const timeoutMs = this.#settings.timeoutFinishMs;
    this.#killTimer ??= new KillTimer(this.#host.reactor, this.#reporter, () => this.kill());
    this.#killTimer.begin(timeoutMs, what, Math.max(0, timeoutMs - ranMs));
  }

  /** Sends SIGKILL to it, if it runs. */
  kill(): void {
    try {
      this.#process?.signal(SIGNAL.KILL);
    } catch (error) {
      // It has changed its user, and may stay.
      ignoreSystemError(error);
    }
  }

  /** Lets the process be. */
  close(): void {
    this.#killTimer?.cancel();
  }

  #isThere(): boolean {
    const status = unlessMissing(() => this.#host.kernel.stat(this.#directory.fd, "finish"));
    return status?.kind === "file" && (status.permissions & EXECUTABLE_BITS) !== 0;
  }

  #argumentsFor({ pid, waitStatus }: RunEnd) {
    const { code = -1 } = waitStatus === undefined ? {} : decodeWaitStatus(waitStatus);
    const lowByte = (waitStatus ?? 0) & 0xff;
    return [
      encode(FINISH),
      encode(String(code)),
      encode(String(lowByte)),
      this.#directory.name,
      encode(String(pid)),
    ];
  }
}
