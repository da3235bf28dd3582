/**
 * What a command waits for, and how it tells that it is so, or will not be: judged from one look
 * at a service after another.
 */

import type { Timestamp } from "../base/tai64n.ts";
import { compareTimes } from "./line_time.ts";
import { exitsIn } from "./history.ts";
import type { Observation } from "./observe.ts";
import { durationText, exitText, failureText, timesText } from "./quantities.ts";
import { secondsBetween } from "./status_json.ts";

/** What came of waiting. */
export interface Verdict {
  /** Whether it is as it should be. */
  readonly reached: boolean;
  /** How the service is, in words. */
  readonly text: string;
}

/** What is waited for. */
export interface Goal {
  /**
   * Judges a look at the service.
   *
   * @returns a verdict; or in how many milliseconds to look again if nothing changes until then,
   *   which is Infinity when only a change can bring anything new
   */
  judge(observation: Observation, now: Timestamp): Verdict | number;
  /** How the service is when time is up. */
  giveUp(observation: Observation): string;
}

/** A service that has been up for so long counts as started, if it does not say it is ready. */
const STEADY_SECONDS = 1;
/** After so many ends there is no hope. */
const MOST_ENDS = 3;

/** How a start is judged. */
export interface UpOptions {
  /** When it was asked for. */
  readonly asked: Timestamp;
  /** A process that is not the one awaited: the one before a restart. */
  readonly before?: number | undefined;
  /** That one end is all there will be. */
  readonly once?: boolean;
  /** Whether it is supervised later only: it was just added. */
  readonly comes?: boolean;
  /** Whether it says by itself when it is ready. */
  readonly saysReady?: boolean;
}

/** Waits until a service is up and stays so, or is ready where it says that. */
export class UpGoal implements Goal {
  readonly #options: UpOptions;
  readonly #ended = new Set<string>();
  /** The start that was seen last, if its end was not. */
  #lastStart: Timestamp | undefined;
  #lastDown = "";
  #isBeforeGone: boolean;
  /** Whether a service that comes is down as it has not been started yet. */
  #isFirst: boolean;
  #ends = 0;
  #ranSeconds: number | undefined;

  constructor(options: UpOptions) {
    this.#options = options;
    this.#isBeforeGone = options.before === undefined;
    this.#isFirst = options.comes === true;
  }

  judge(observation: Observation, now: Timestamp): Verdict | number {
    const { state, pid, since, why, hasEnded = false } = observation;
    if (state === "unknown") return this.#notYet(observation, why ?? state);
    if (state === "not supervised" || state === "orphaned") return this.#notYet(observation, state);
    this.#countEnds(observation);
    if (state === "failed") return { reached: false, text: `failed${inBrackets(why)}` };
    const isNew = pid !== undefined && pid !== this.#options.before && !hasEnded;
    if (isNew && state === "ready") return { reached: true, text: `ready (pid ${pid})` };
    if (this.#options.once && !isNew && this.#ends > 0) return this.#ranOnce(observation);
    if (this.#ends >= MOST_ENDS) return { reached: false, text: this.#failure(observation) };
    if (!isNew) return Infinity;
    if (state === "paused") return { reached: false, text: `paused (pid ${pid})` };
    if (this.#options.saysReady) return Infinity;
    const up = since === undefined ? 0 : secondsBetween(since, now);
    if (up >= STEADY_SECONDS) return { reached: true, text: `up (pid ${pid})` };
    return Math.ceil((STEADY_SECONDS - up) * 1000) + 1;
  }

  giveUp(observation: Observation): string {
    const { state, pid } = observation;
    if (pid !== undefined && pid === this.#options.before) {
      return `still the same process (pid ${pid}): it has not ended yet`;
    }
    if (pid !== undefined && this.#options.saysReady) return `up, but not ready yet (pid ${pid})`;
    return this.#ends > 0 ? this.#failure(observation) : `still ${state}`;
  }

  #notYet({ state }: Observation, text: string): Verdict | number {
    if (this.#options.comes && state !== "orphaned") return Infinity;
    return { reached: false, text };
  }

  /** Ends are told by the history, or seen: starts have times of their own, and so have ends. */
  #countEnds({ pid, since, history, hasEnded }: Observation): void {
    const { asked, before } = this.#options;
    const exits = exitsIn(history ?? []).filter((exit) =>
      compareTimes(exit.at, asked) >= 0 && exit.pid !== before
    );
    const isBefore = pid !== undefined && pid === before;
    if (since !== undefined && compareTimes(since, asked) >= 0 && !isBefore) {
      if (pid === undefined) this.#noteDown(since);
      else this.#noteStart(since, hasEnded === true);
    }
    this.#ends = history === undefined ? this.#ended.size : exits.length;
  }

  #noteStart(since: Timestamp, hasEnded: boolean): void {
    this.#isFirst = false;
    this.#isBeforeGone = true;
    if (this.#lastStart && keyOf(this.#lastStart) !== keyOf(since)) {
      this.#ended.add(keyOf(this.#lastStart));
    }
    this.#lastStart = since;
    if (hasEnded) this.#ended.add(keyOf(since));
  }

  #noteDown(since: Timestamp): void {
    if (this.#lastStart !== undefined) {
      this.#ended.add(keyOf(this.#lastStart));
      this.#ranSeconds = secondsBetween(this.#lastStart, since);
    } else if (this.#isBeforeGone && keyOf(since) !== this.#lastDown && !this.#isFirst) {
      // It was over before it was seen.
      this.#ended.add(keyOf(since));
    }
    this.#isFirst = false;
    this.#isBeforeGone = true;
    this.#lastStart = undefined;
    this.#lastDown = keyOf(since);
  }

  #ranOnce(observation: Observation): Verdict {
    const { lastExit } = observation;
    const isGood = lastExit === undefined || lastExit.code === 0;
    return { reached: isGood, text: `down: ${this.#endText(observation)}` };
  }

  #failure(observation: Observation): string {
    const times = this.#ends > 1 ? `, ${timesText(this.#ends)}` : "";
    return `down: ${this.#endText(observation)}${times}`;
  }

  #endText({ lastExit }: Observation): string {
    const ran = lastExit?.ranSeconds ?? this.#ranSeconds;
    return (lastExit === undefined ? "ended" : exitText(lastExit)) +
      (ran === undefined ? "" : ` after ${durationText(ran)}`);
  }
}

function keyOf({ seconds, nanoseconds }: Timestamp): string {
  return `${seconds}.${nanoseconds}`;
}

function inBrackets(why: string | undefined): string {
  return why === undefined ? "" : ` (${failureText(why)})`;
}

/** Waits until a service is down and is not started again. */
export class DownGoal implements Goal {
  judge(observation: Observation): Verdict | number {
    const { state, pid, want, why, lastExit, history } = observation;
    if (state === "unknown") return { reached: false, text: why ?? state };
    if (state === "not supervised") return { reached: true, text: "down (not supervised)" };
    if (state === "orphaned") {
      return { reached: false, text: `orphaned (pid ${pid}): nobody can tell it to end` };
    }
    if (pid !== undefined || want === "up" || state === "finishing") return Infinity;
    const how = history && lastExit ? ` (${exitText(lastExit)})` : "";
    return { reached: true, text: `down${how}` };
  }

  giveUp({ state, pid }: Observation): string {
    return pid === undefined
      ? `still ${state}`
      : `still ${state} (pid ${pid}): it was told to end and has not`;
  }
}

/** What `wait` can wait for. */
export const CONDITIONS = ["up", "ready", "down", "finished"] as const;

/** One of these. */
export type Condition = (typeof CONDITIONS)[number];

/** Whether a condition holds for a service. */
export function holds(condition: Condition, { state, pid, want }: Observation): boolean {
  switch (condition) {
    case "up":
      return pid !== undefined && state !== "orphaned";
    case "ready":
      return state === "ready";
    case "down":
      return pid === undefined && want !== undefined;
    case "finished":
      return pid === undefined && want !== undefined && state !== "finishing";
  }
}
