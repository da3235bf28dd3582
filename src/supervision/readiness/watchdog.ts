/** A watchdog: a service that does not say in time that it is alive hangs. */

import type { Reactor, Timer } from "../../reactor/reactor.ts";

/** Waits for signs of life. */
export class Watchdog {
  readonly #reactor: Pick<Reactor, "after" | "cancel">;
  readonly #onHang: () => void;
  #intervalMs = 0;
  #timer: Timer | undefined;

  /** @param onHang told when the service hangs */
  constructor(reactor: Pick<Reactor, "after" | "cancel">, onHang: () => void) {
    this.#reactor = reactor;
    this.#onHang = onHang;
  }

  /** Wants a sign of life at least so often, in milliseconds; 0 for never. */
  begin(intervalMs: number): void {
    this.#intervalMs = intervalMs;
    this.feed();
  }

  /**
   * Takes a sign of life.
   *
   * @param leastMs as long as the next may take at least, in milliseconds
   */
  feed(leastMs = 0): void {
    this.stop();
    if (this.#intervalMs === 0) return;
    const timeoutMs = Math.max(this.#intervalMs, leastMs);
    this.#timer = this.#reactor.after(timeoutMs, () => this.#onHang());
  }

  /** Waits no more, until it is fed or begun again. */
  stop(): void {
    if (this.#timer !== undefined) this.#reactor.cancel(this.#timer);
    this.#timer = undefined;
  }
}
