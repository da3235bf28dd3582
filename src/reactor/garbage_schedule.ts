/**
 * When a program that runs for years looks for garbage: every so often while it is busy, and once
 * when a busy time is over, so that it does not sit on what that needed. At rest it never wakes up
 * for it: after a time that was busy for a moment only it looks when it wakes up next.
 */

import type { Kernel } from "../system/kernel.ts";
import type { Reactor } from "./reactor.ts";

/** After so many turns of the event loop it is looked whether there is much garbage. */
const TURNS_BETWEEN_LOOKS = 256;
/** A busy time is over when in so many milliseconds there were no more turns than this. */
const QUIET_MS = 2000;
const QUIET_TURNS = 32;
/** It was busy when it had more turns than this without a rest of that length in between. */
const MOST_TURNS_AT_REST = 64;

/** Decides when garbage is collected. */
export class GarbageSchedule {
  readonly #kernel: Pick<Kernel, "collectGarbage">;
  readonly #reactor: Pick<Reactor, "after" | "nowMs">;
  #turns = 0;
  /** How many of them there were since the last rest, or since it was looked at rest. */
  #turnsSinceRest = 0;
  #lastTurnMs = -Infinity;
  #isBusy = false;

  /** Collects nothing before {@linkcode noteTurn} was called. */
  constructor(kernel: Pick<Kernel, "collectGarbage">, reactor: Pick<Reactor, "after" | "nowMs">) {
    this.#kernel = kernel;
    this.#reactor = reactor;
  }

  /** To be called after each turn of the event loop. */
  noteTurn(): void {
    const nowMs = this.#reactor.nowMs();
    if (nowMs - this.#lastTurnMs >= QUIET_MS) {
      if (this.#turnsSinceRest > MOST_TURNS_AT_REST) this.#kernel.collectGarbage(true);
      this.#turnsSinceRest = 0;
    }
    this.#lastTurnMs = nowMs;
    this.#turnsSinceRest++;
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
      this.#turnsSinceRest = 0;
      this.#kernel.collectGarbage(true);
    });
  }
}
