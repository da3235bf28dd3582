/**
 * Compares what a service wrote with what arrived in its log.
 *
 * A line is "RUN NUMBER": runs count the starts of the service, numbers the lines of a run, both
 * from 1. How many lines of a run were written is known from the service's own notes; it notes a
 * line after writing it, so one line more than noted may have been written when it was killed.
 *
 * Lines are lost without anybody's fault where the kernel drops a pipe whose ends are all dead,
 * and where a logger is killed that had read them. Each such event is an excuse for one gap.
 */

/** What is wrong with a log, or was lost with a good excuse. */
export interface Account {
  /** Lines that arrived. */
  lines: number;
  /** Lines that were lost because all ends of the pipe were dead, or a logger had read them. */
  excused: number;
  /** Lines that were lost without an excuse. */
  lost: number;
  /** Lines that arrived twice, or after later ones. */
  repeated: number;
  /** Lines that nobody wrote. */
  invented: number;
  /** Lines that arrived in part, by a killed logger. */
  broken: number;
}

/** Keeps account of one service. */
export class Accountant {
  readonly account: Account = {
    lines: 0,
    excused: 0,
    lost: 0,
    repeated: 0,
    invented: 0,
    broken: 0,
  };
  /** What was lost without an excuse, in words. */
  readonly losses: string[] = [];
  readonly #written: (run: number) => number;
  #run = 0;
  #number = 0;
  /** Excuses that no gap has used up: those of the present round, then those of the last. */
  #fresh = 0;
  #old = 0;
  #allExcuses = 0;
  #mayBreak = false;

  /** @param written how many lines of a run its service has noted as written; 0 without a note */
  constructor(written: (run: number) => number) {
    this.#written = written;
  }

  /** How many excuses there were. */
  get excuses(): number {
    return this.#allExcuses;
  }

  /** The run whose lines arrive at present. */
  get run(): number {
    return this.#run;
  }

  /**
   * Something happened by which lines may be lost.
   *
   * @param byLogger whether a logger was killed, which may leave a part of a line
   */
  excuse(byLogger: boolean): void {
    this.#fresh++;
    this.#allExcuses++;
    if (byLogger) this.#mayBreak = true;
  }

  /** A round is over: what happened before it began is no excuse for what is lost from now on. */
  endRound(): void {
    this.#old = this.#fresh;
    this.#fresh = 0;
  }

  /** Takes the next line of the log, without its newline. */
  take(line: string): void {
    const match = /^([1-9]\d*) ([1-9]\d*)$/.exec(line);
    if (match === null) return this.#takeBroken();
    const [run, number] = [Number(match[1]), Number(match[2])];
    if (run < this.#run || (run === this.#run && number <= this.#number)) {
      this.account.repeated++;
      return;
    }
    let gap = run === this.#run ? number - 1 - this.#number : this.#missingOfRun() + number - 1;
    for (let skipped = this.#run + 1; skipped < run; skipped++) gap += this.#written(skipped);
    this.#run = run;
    this.#number = number;
    this.account.lines++;
    this.#lose(gap);
  }

  /**
   * Closes the account: the service has ended, and its log is at the end of its input.
   *
   * @param lastRun the number of its last start
   */
  close(lastRun: number): void {
    let gap = this.#missingOfRun();
    for (let run = this.#run + 1; run <= lastRun; run++) gap += this.#written(run);
    this.#lose(gap);
    this.#run = Math.max(this.#run, lastRun);
    this.#number = this.#written(this.#run);
  }

  /** Lines of the present run that were written and have not arrived, if it has no more. */
  #missingOfRun(): number {
    const missing = this.#run === 0 ? 0 : this.#written(this.#run) - this.#number;
    // One more than noted may have been written: noting comes after writing.
    if (missing < -1) this.account.invented += -1 - missing;
    return Math.max(0, missing);
  }

  #takeBroken(): void {
    if (this.#mayBreak) this.account.broken++;
    else this.account.invented++;
  }

  #lose(gap: number): void {
    if (gap === 0) return;
    if (this.#old > 0) this.#old--;
    else if (this.#fresh > 0) this.#fresh--;
    else {
      this.account.lost += gap;
      this.losses.push(`${gap} lines lost before "${this.#run} ${this.#number}"`);
      return;
    }
    this.account.excused += gap;
  }
}
