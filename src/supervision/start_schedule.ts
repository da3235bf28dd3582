/**
 * When `./run` may be started next.
 *
 * Starts are at least a second apart. While `./run` cannot be executed, it is tried every second,
 * and after some failures in a row every five seconds.
 */

const INTERVAL_MS = 1000;
/** After so many failed starts in a row they become rarer, for many failing together are a load. */
const EAGER_STARTS = 5;
const FAILED_INTERVAL_MS = 5000;

/** The pace of one service. Times are milliseconds of the monotonic clock. */
export class StartSchedule {
  #lastStartMs = -Infinity;
  #failedStarts = 0;

  /** When the last start was tried. */
  get lastStartMs(): number {
    return this.#lastStartMs;
  }

  /** Whether the last start failed. */
  get isFailing(): boolean {
    return this.#failedStarts > 0;
  }

  /** How many starts have failed in a row. */
  get failedStarts(): number {
    return this.#failedStarts;
  }

  /** How long it is until a start is due; 0 or less when it is due. */
  restMs(nowMs: number): number {
    const intervalMs = this.#failedStarts >= EAGER_STARTS ? FAILED_INTERVAL_MS : INTERVAL_MS;
    return this.#lastStartMs + intervalMs - nowMs;
  }

  /** Takes note that a start is tried, or that one was by an earlier supervisor. */
  tried(atMs: number): void {
    this.#lastStartMs = atMs;
  }

  /** Takes note that it worked. */
  succeeded(): void {
    this.#failedStarts = 0;
  }

  /** Takes note that it did not. */
  failed(): void {
    this.#failedStarts++;
  }

  /** Forgets what speaks against a start now, as somebody asks for one. */
  hurry(): void {
    this.#failedStarts = 0;
  }
}
