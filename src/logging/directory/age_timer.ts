/** `age=`: closes a `current` that has been open for so long, though it has room. */

import type { Reactor, Timer } from "../../reactor/reactor.ts";

/** The age of one log's `current`. */
export class AgeTimer {
  readonly #reactor: Pick<Reactor, "after" | "cancel">;
  readonly #maxAgeSeconds: number;
  readonly #onDue: () => void;
  #timer: Timer | undefined;

  /**
   * @param maxAgeSeconds the age to reach; 0 is never reached
   * @param onDue called when it is reached
   */
  constructor(
    reactor: Pick<Reactor, "after" | "cancel">,
    maxAgeSeconds: number,
    onDue: () => void,
  ) {
    this.#reactor = reactor;
    this.#maxAgeSeconds = maxAgeSeconds;
    this.#onDue = onDue;
  }

  /** Notes that there is something in `current`; its age counts from the first time. */
  start(): void {
    if (this.#maxAgeSeconds === 0 || this.#timer !== undefined) return;
    this.#timer = this.#reactor.after(this.#maxAgeSeconds * 1000, () => {
      this.#timer = undefined;
      this.#onDue();
    });
  }

  /** Notes that `current` is empty, or is not to be closed any more. */
  stop(): void {
    if (this.#timer !== undefined) this.#reactor.cancel(this.#timer);
    this.#timer = undefined;
  }
}
