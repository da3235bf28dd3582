/**
 * When `./run` may be started next, and whether at all.
 *
 * Starts are at least a second apart. While `./run` cannot be executed, it is tried every second,
 * and after some failures in a row every five seconds.
 *
 * With a longest pause, a service that keeps dying soon is started again after a second, then after
 * two, four and so on. A run that is longer than the pause before it was is a healthy one, and the
 * pauses begin anew. With a limit, so many restarts in a period are made and no more.
 */

const INTERVAL_MS = 1000;
/** After so many failed starts in a row they become rarer, for many failing together are a load. */
const EAGER_STARTS = 5;
const FAILED_INTERVAL_MS = 5000;

/** How often a service is started again. */
export interface RestartLimit {
  /** So often. */
  readonly count: number;
  /** In so many milliseconds. */
  readonly periodMs: number;
}

/** A schedule for another process, whose clock is another: times are counted from now. */
export interface SavedSchedule {
  /** How many starts have failed in a row. */
  readonly failedStarts: number;
  /** How often in a row the service has died soon. */
  readonly earlyDeaths: number;
  /** The last pause, in milliseconds. */
  readonly pauseMs: number;
  /** How long it lasts yet, in milliseconds; 0 or less when it is over. */
  readonly pauseRestMs: number;
  /** How long ago the service was started again, in milliseconds. */
  readonly restartsAgoMs: readonly number[];
}

/** The pace of one service. Times are milliseconds of the monotonic clock. */
export class StartSchedule {
  #lastStartMs = -Infinity;
  #failedStarts = 0;
  /** How often in a row the service has died soon. */
  #earlyDeaths = 0;
  #pauseMs = INTERVAL_MS;
  #pauseEndsMs = -Infinity;
  /** When the service was started again, oldest first, as far as the period goes. */
  #restartsMs: number[] = [];

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

  /** The pause that the last early death has brought, in milliseconds; undefined without. */
  get pauseMs(): number | undefined {
    return this.#earlyDeaths > 0 ? this.#pauseMs : undefined;
  }

  /** Lets the next start come at once, as what made the last ones fail may be mended. */
  forgetFailures(): void {
    this.#failedStarts = 0;
    this.#lastStartMs = -Infinity;
  }

  /** How long it is until a start is due; 0 or less when it is due. */
  restMs(nowMs: number): number {
    const intervalMs = this.#failedStarts >= EAGER_STARTS ? FAILED_INTERVAL_MS : INTERVAL_MS;
    return Math.max(this.#lastStartMs + intervalMs, this.#pauseEndsMs) - nowMs;
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

  /**
   * Takes note that the process has died by itself.
   *
   * @param longestPauseMs no pause is longer; undefined: no pause but the usual second
   */
  died(nowMs: number, longestPauseMs: number | undefined): void {
    const isHealthy = nowMs - this.#lastStartMs > this.#pauseMs;
    this.#earlyDeaths = isHealthy || longestPauseMs === undefined ? 0 : this.#earlyDeaths + 1;
    this.#pauseMs = INTERVAL_MS;
    if (longestPauseMs === undefined || this.#earlyDeaths === 0) return;
    // Beyond this the power has no use, and no end.
    const doublings = Math.min(this.#earlyDeaths - 1, 31);
    this.#pauseMs = Math.min(INTERVAL_MS * 2 ** doublings, longestPauseMs);
    this.#pauseEndsMs = nowMs + this.#pauseMs;
  }

  /** Whether one more restart is within the limit; takes note of it then. */
  mayRestart(nowMs: number, limit: RestartLimit): boolean {
    const sinceMs = nowMs - limit.periodMs;
    this.#restartsMs = this.#restartsMs.filter((atMs) => atMs > sinceMs);
    if (this.#restartsMs.length >= limit.count) return false;
    this.#restartsMs.push(nowMs);
    return true;
  }

  /** What {@linkcode restore} needs. */
  save(nowMs: number): SavedSchedule {
    return {
      failedStarts: this.#failedStarts,
      earlyDeaths: this.#earlyDeaths,
      pauseMs: this.#pauseMs,
      pauseRestMs: Math.max(0, this.#pauseEndsMs - nowMs),
      restartsAgoMs: this.#restartsMs.map((atMs) => nowMs - atMs),
    };
  }

  /** Goes on as the schedule that was saved. */
  restore(saved: SavedSchedule, nowMs: number): void {
    this.#failedStarts = saved.failedStarts;
    this.#earlyDeaths = saved.earlyDeaths;
    this.#pauseMs = saved.pauseMs;
    this.#pauseEndsMs = nowMs + saved.pauseRestMs;
    this.#restartsMs = saved.restartsAgoMs.map((agoMs) => nowMs - agoMs);
  }

  /** Forgets what speaks against a start now, as somebody asks for one. */
  allowStart(): void {
    this.#failedStarts = 0;
    this.#pauseEndsMs = -Infinity;
    this.#restartsMs = [];
  }
}
