/**
 * When little input comes often, to wake up for each piece costs more than what is done with it. So
 * it is waited for a few milliseconds then, and one turn of the event loop finds several pieces.
 */

/** Input comes often when it came twice within this, in milliseconds. */
const OFTEN_MS = 25;
/** So long is waited for more, in milliseconds. */
const PAUSE_MS = 8;
/** So long after much input is no such pause, in milliseconds: a pipe would fill meanwhile. */
const HURRY_MS = 100;

/** Says when to wait for more input. */
export class Gathering {
  #lastInputMs = -Infinity;
  #isOften = false;
  #hurryUntilMs = -Infinity;

  /** Notes that there was input. */
  noteInput(nowMs: number): void {
    this.#isOften = nowMs - this.#lastInputMs <= OFTEN_MS;
    this.#lastInputMs = nowMs;
  }

  /** Notes that there is much to do, and that it is not to be held up. */
  hurry(nowMs: number): void {
    this.#hurryUntilMs = nowMs + HURRY_MS;
  }

  /** How long to wait for more before input is looked for, in milliseconds; 0 for not at all. */
  pauseMs(nowMs: number): number {
    const isWorthwhile = this.#isOften && nowMs - this.#lastInputMs <= OFTEN_MS;
    return isWorthwhile && nowMs >= this.#hurryUntilMs ? PAUSE_MS : 0;
  }
}
