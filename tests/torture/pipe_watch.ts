/**
 * Whether a service may have met a pipe without a reader. A service that does not ignore SIGPIPE is
 * ended by that, so each time is a service restarted without reason; unless there was one: svscan,
 * which holds the pipe, was dead, and so was the logger.
 */

/** What passes between an error of a service and the time that it notes, at most, in milliseconds. */
const LATE_MS = 1000;

/** A time in which svscan did not hold the pipe, in milliseconds of the wall clock. */
interface Span {
  readonly fromMs: number;
  toMs: number;
  /** Whether the logger was dead for some of it, or may have been. */
  lacksReader: boolean;
}

/** Watches the pipe of one service. */
export class PipeWatch {
  #spans: Span[] = [];

  /** Whether svscan does not hold the pipe at present. */
  get isLetGo(): boolean {
    return this.#spans.at(-1)?.toMs === Infinity;
  }

  /** svscan is about to be killed. */
  letGo(nowMs: number): void {
    if (!this.isLetGo) this.#spans.push({ fromMs: nowMs, toMs: Infinity, lacksReader: false });
  }

  /** The logger is dead, or may be so soon; nothing to mind while svscan holds the pipe. */
  lostReader(): void {
    if (this.isLetGo) this.#spans.at(-1)!.lacksReader = true;
  }

  /** svscan has the pipe again. */
  held(nowMs: number): void {
    if (this.isLetGo) this.#spans.at(-1)!.toMs = nowMs;
  }

  /**
   * Judges what a service has met, and forgets what is over.
   *
   * @param timesMs when it found no reader
   * @returns those times for which there is no excuse
   */
  judge(timesMs: readonly number[]): number[] {
    const excuses = this.#spans.filter(({ lacksReader }) => lacksReader);
    // What was noted late is still to come.
    this.#spans = this.#spans.slice(-4);
    return timesMs.filter((atMs) =>
      !excuses.some(({ fromMs, toMs }) => atMs >= fromMs && atMs <= toMs + LATE_MS)
    );
  }
}
