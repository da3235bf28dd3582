/**
 * When a program that runs for years looks for garbage: every so often while it is busy, and once
 * when a busy time is over, so that it does not sit on what that needed. At rest it never wakes up
 * for it.
 */

import type { Kernel } from "../system/kernel.ts";
import type { Reactor } from "./reactor.ts";

/** After so many turns of the event loop it is looked whether there is much garbage. */
const TURNS_BETWEEN_LOOKS = 256;
/** A busy time is over when in so many milliseconds there were no more turns than this. */
const QUIET_MS = 2000;
const QUIET_TURNS = 32;

/** Decides when garbage is collected. */
export class GarbageSchedule {
  readonly #kernel: Pick<Kernel, "collectGarbage">;
  readonly #reactor: Pick<Reactor, "after">;
  #turns = 0;
  #isBusy = false;

  /** Collects nothing before {@linkcode noteTurn} was called. */
  constructor(kernel: Pick<Kernel, "collectGarbage">, reactor: Pick<Reactor, "after">) {
    this.#kernel = kernel;
    this.#reactor = reactor;
  }

  /** To be called after each turn of the event loop. */
  noteTurn(): void {
    if (++this.#turns % TURNS_BETWEEN_LOOKS !== 0) return;
    this.#kernel.collectGarbage();
    if (this.#isBusy) return;
    this.#isBusy = true;
    this.#lookLater();
  }

  #lookLater(): void {
    const turns = this.#turns;
    this.#reactor.after(QUIET_MS, () => {
      if (this.#turns - turns > QUIET_TURNS) return this.#lookLater();
      this.#isBusy = false;
      this.#kernel.collectGarbage(true);
    });
  }
}
