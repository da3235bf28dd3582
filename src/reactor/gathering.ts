/**
 * When little input comes often, to wake up for each piece costs more than what is done with it. So
 * it is waited for a few milliseconds then, and one turn of the event loop finds several pieces.
 */

import type { PollPause } from "../system/kernel.ts";

/** Input comes often when it came twice within this, in milliseconds. */
const OFTEN_MS = 25;
/** So long is waited for more, in milliseconds. */
const PAUSE_MS = 8;
/** So long after much input is no such pause, in milliseconds: a pipe would fill meanwhile. */
const HURRY_MS = 100;

/**
 * Of so many pauses one does not hold up the process, but lets the runtime do what it has to do for
 * itself. One that does costs a tenth.
 */
const PAUSES_PER_TURN = 16;

/** Says when to wait for more input. */
export class Gathering {
  #lastInputMs = -Infinity;
  #isOften = false;
  #hurryUntilMs = -Infinity;
  #pauses = 0;

  /** Notes that there was input. */
  noteInput(nowMs: number): void {
    this.#isOften = nowMs - this.#lastInputMs <= OFTEN_MS;
    this.#lastInputMs = nowMs;
  }

  /** Notes that there is much to do, and that it is not to be held up. */
  hurry(nowMs: number): void {
    this.#hurryUntilMs = nowMs + HURRY_MS;
  }

  /**
   * Whether to wait for more before input is looked for.
   *
   * @param isAlone whether nothing but input is waited for
   */
  pause(nowMs: number, isAlone: boolean): PollPause | undefined {
    const isWorthwhile = this.#isOften && nowMs - this.#lastInputMs <= OFTEN_MS;
    if (!isWorthwhile || nowMs < this.#hurryUntilMs) return undefined;
    return { ms: PAUSE_MS, holdsUp: isAlone && ++this.#pauses % PAUSES_PER_TURN !== 0 };
  }
}
