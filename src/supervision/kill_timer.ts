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
   * @param timeoutMs how long the process may take; undefined: for ever
   * @param what how messages name the process
   */
  begin(timeoutMs: number | undefined, what: readonly (string | Bytes)[]): void {
    if (timeoutMs === undefined || this.#timer !== undefined) return;
    this.#timer = this.#reactor.after(timeoutMs, () => {
      this.#reporter.warning([...what, ` has not ended in ${timeoutMs} ms: it is killed`]);
      this.#kill();
    });
  }

  /** Stops. */
  cancel(): void {
    if (this.#timer !== undefined) this.#reactor.cancel(this.#timer);
    this.#timer = undefined;
  }
}
