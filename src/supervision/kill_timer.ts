/** Kills a process that was told to end, when its time is up. */

import type { Bytes } from "../base/bytes.ts";
import type { Reporter } from "../base/messages.ts";
import type { Reactor, Timer } from "../reactor/reactor.ts";

/** The time of one process. */
export class KillTimer {
  readonly #reactor: Reactor;
  readonly #reporter: Reporter;
  readonly #kill: () => void;
  #timer: Timer | undefined;
  #tooLate: (() => void) | undefined;
  #isExtended = false;

  /**
   * Makes a timer that does not run.
   *
   * @param kill sends SIGKILL
   */
  constructor(reactor: Reactor, reporter: Reporter, kill: () => void) {
    this.#reactor = reactor;
    this.#reporter = reporter;
    this.#kill = kill;
  }

  /**
   * Begins to run, unless it does already.
   *
   * @param timeoutMs how long the process may take; undefined or Infinity: for ever
   * @param what how messages name the process
   * @param restMs what is left of that time, if it began to run before
   */
  begin(
    timeoutMs: number | undefined,
    what: readonly (string | Bytes)[],
    restMs = timeoutMs,
  ): void {
    if (timeoutMs === undefined || timeoutMs === Infinity || restMs === undefined) return;
    if (this.#timer !== undefined) return;
    const beganMs = this.#reactor.nowMs() - (timeoutMs - restMs);
    const tooLate = () => {
      const tookMs = Math.round(this.#reactor.nowMs() - beganMs);
      const ranMs = this.#isExtended ? tookMs : timeoutMs;
      this.#reporter.warning([...what, ` has not ended in ${ranMs} ms: it is killed`]);
      this.#kill();
    };
    this.#tooLate = tooLate;
    this.#timer = this.#reactor.after(restMs, tooLate);
  }

  /** Leaves at least so much time from now on, in milliseconds, if it runs. */
  extend(leastMs: number): void {
    const { restMs } = this;
    const [timer, tooLate] = [this.#timer, this.#tooLate];
    if (timer === undefined || tooLate === undefined) return;
    if (restMs === undefined || restMs >= leastMs) return;
    this.#reactor.cancel(timer);
    this.#timer = this.#reactor.after(leastMs, tooLate);
    this.#isExtended = true;
  }

  /** How much time is left, in milliseconds; undefined while it does not run. */
  get restMs(): number | undefined {
    return this.#timer && Math.max(0, this.#timer.dueMs - this.#reactor.nowMs());
  }

  /** Stops. */
  cancel(): void {
    if (this.#timer !== undefined) this.#reactor.cancel(this.#timer);
    this.#timer = undefined;
    this.#isExtended = false;
  }
}
