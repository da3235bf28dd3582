/**
 * How a process waits to which little input comes often. To wake up for each piece costs more than
 * what is done with it: so it is waited for a few milliseconds then, and one turn of the event loop
 * finds several pieces. And to have a helper thread wait costs more than to wait.
 */

import type { PollManner } from "../system/kernel.ts";

/** Input comes often when it came twice within this, in milliseconds. */
const OFTEN_MS = 25;
/** So long is waited for more, in milliseconds. */
const PAUSE_MS = 13;
/** So long after much input is no such pause, in milliseconds: a pipe would fill meanwhile. */
const HURRY_MS = 100;

/**
 * Of so many waits one does not hold up the process, but lets the runtime do what it has to do for
 * itself.
 */
const WAITS_PER_TURN = 64;

/** Says how to wait for more input. */
export class Gathering {
  #lastInputMs = -Infinity;
  #isOften = false;
  #hurryUntilMs = -Infinity;
  #waits = 0;

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
   * How to wait now.
   *
   * @param options.isAlone whether nothing but input is waited for
   * @param options.mayPause whether there is time to wait for more before input is looked for
   */
  manner(
    nowMs: number,
    { isAlone, mayPause }: { isAlone: boolean; mayPause: boolean },
  ): PollManner {
    const isWorthwhile = this.#isOften && nowMs - this.#lastInputMs <= OFTEN_MS;
    const pauses = mayPause && isWorthwhile && nowMs >= this.#hurryUntilMs;
    const holdsUp = isAlone && ++this.#waits % WAITS_PER_TURN !== 0;
    return { pauseMs: pauses ? PAUSE_MS : 0, holdsUp };
  }
}
