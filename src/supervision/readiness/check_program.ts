/** Asking a service's program `check` whether it is ready: exit code 0 says yes. */

import { encode } from "../../base/bytes.ts";
import { SIGNAL } from "../../base/signals.ts";
import { ignoreSystemError, SystemError } from "../../base/system_error.ts";
import type { Timer } from "../../reactor/reactor.ts";
import { startChild } from "../child_process.ts";
import type { SupervisionHost } from "../host.ts";
import type { ServiceProcess } from "../service_process.ts";

const CHECK = "./check";
const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5000;
/** It is killed then, and asked again. */
const LONGEST_RUN_MS = 10_000;

/** Asks again and again, in growing intervals, until the answer is yes. */
export class CheckProgram {
  readonly #host: SupervisionHost;
  readonly #directoryFd: number;
  readonly #onReady: () => void;
  readonly #onTrouble: (caught: unknown) => void;
  #pauseMs = FIRST_PAUSE_MS;
  #timer: Timer | undefined;
  #process: ServiceProcess | undefined;
  #isClosed = false;

  /**
   * Begins to ask.
   *
   * @param directoryFd the service directory
   * @param onReady told once
   * @param onTrouble told when it cannot be started; then it is not asked any more
   */
  constructor(
    host: SupervisionHost,
    directoryFd: number,
    { onReady, onTrouble }: { onReady: () => void; onTrouble: (caught: unknown) => void },
  ) {
    this.#host = host;
    this.#directoryFd = directoryFd;
    this.#onReady = onReady;
    this.#onTrouble = onTrouble;
    this.#askLater();
  }

  /** Asks no more. */
  close(): void {
    this.#isClosed = true;
    if (this.#timer !== undefined) this.#host.reactor.cancel(this.#timer);
    this.#kill();
  }

  #askLater(): void {
    this.#timer = this.#host.reactor.after(this.#pauseMs, () => this.#ask());
    this.#pauseMs = Math.min(LONGEST_PAUSE_MS, 2 * this.#pauseMs);
  }

  #ask(): void {
    const { environment } = this.#host;
    const argv = [encode(CHECK)];
    const plan = { path: CHECK, argv, environment, directoryFd: this.#directoryFd };
    try {
      this.#process = startChild(this.#host, plan, (waitStatus) => this.#ended(waitStatus));
      this.#timer = this.#host.reactor.after(LONGEST_RUN_MS, () => this.#kill());
    } catch (error) {
      if (!(error instanceof SystemError)) throw error;
      this.#isClosed = true;
      this.#onTrouble(error);
    }
  }

  #ended(waitStatus: number | undefined): void {
    this.#process = undefined;
    if (this.#timer !== undefined) this.#host.reactor.cancel(this.#timer);
    if (this.#isClosed) return;
    if (waitStatus === 0) {
      this.#isClosed = true;
      this.#onReady();
    } else this.#askLater();
  }

  #kill(): void {
    try {
      this.#process?.signal(SIGNAL.KILL);
    } catch (error) {
      // It has taken on another account, and may stay.
      ignoreSystemError(error);
    }
  }
}
