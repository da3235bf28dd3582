/**
 * The event loop: descriptors that become readable and deadlines that pass, turned into calls.
 *
 * Only the wait for descriptors is asynchronous. Signals arrive as calls of their own while it is
 * under way; what they post is done on the next turn, which they bring about.
 */

import type { Clock, Poller } from "../system/kernel.ts";
import { Gathering } from "./gathering.ts";
import { type Timer, TimerQueue } from "./timer_queue.ts";

export type { Timer };

/** The longest timeout of epoll_wait, in milliseconds. Longer waits are split. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

/** So long, in milliseconds, may timers be called before descriptors and signals have a turn. */
const LONGEST_TIMERS_MS = 10;

/** So long, in milliseconds, may what is not urgent be done before they have. */
const LONGEST_DEFERRED_MS = 5;

/** What comes last comes at least so often, in milliseconds. */
const LONGEST_LATER_MS = 100;

/**
 * What comes last and took so long, in milliseconds, has waited for the processor, as the machine
 * has more to do than it can. It comes again after a rest as long as that: what comes first then
 * meets no wait, and others on the machine have their turn.
 */
const CROWDED_MS = 10;

/**
 * When something is done: `now` on the next turn; `soon` on the next turns, after what was there
 * before it; `later` when nothing is left of that, or now and then.
 */
export type Urgency = "now" | "soon" | "later";

/**
 * What a call may return that has left nothing which promises or the runtime are to go on with. As
 * long as there is nothing of the kind, a wait may hold up the process.
 */
export type Aftermath = "settled";

/** What the loop calls. */
type Action = (() => void) | (() => Aftermath | undefined);

/**
 * One event loop. What one call throws is reported and hurts no other: whoever shares the loop
 * must not go down with a neighbour.
 */
export class Reactor {
  readonly #handlers = new Map<number, Action>();
  readonly #timers = new TimerQueue();
  readonly #poller: Poller;
  readonly #clock: Clock;
  readonly #onError: (error: unknown) => void | Promise<void>;
  #gathering: Gathering | undefined;
  /** How much work is under way on helper threads. */
  #slowWork = 0;
  #posted: (() => void)[] = [];
  readonly #soon: (() => void)[] = [];
  readonly #later: (() => void)[] = [];
  #lastLaterMs = -Infinity;
  /** Until when what comes last has to rest. */
  #laterRestsUntilMs = -Infinity;
  #waiting = false;
  /** Resolves when every error was told of. */
  #told: Promise<void> = Promise.resolve();
  /** The runtime's turns by the time that something may have been left for promises. */
  #unsettledAt = 0;

  /**
   * Makes a loop that watches nothing yet.
   *
   * @param onError told of what a call threw; a promise that it returns must not be rejected
   */
  constructor(
    poller: Poller,
    clock: Clock,
    onError: (error: unknown) => void | Promise<void>,
  ) {
    this.#poller = poller;
    this.#clock = clock;
    this.#onError = onError;
  }

  /** The monotonic clock, in milliseconds. */
  nowMs(): number {
    return this.#clock.monotonicMs();
  }

  /** Calls `onReadable` whenever the descriptor can be read. It may be called once too often. */
  watch(fd: number, onReadable: Action): void {
    this.#poller.add(fd);
    this.#handlers.set(fd, onReadable);
  }

  /** Stops watching; to be called before the descriptor is closed. */
  unwatch(fd: number): void {
    this.#handlers.delete(fd);
    this.#poller.remove(fd);
  }

  /** Calls `action` once, `delayMs` milliseconds from now or a little later. */
  after(delayMs: number, action: () => void): Timer {
    const timer = { dueMs: this.nowMs() + delayMs, action };
    this.#timers.add(timer);
    this.wakeWait();
    return timer;
  }

  /** Takes a timer back; one that was called already may be cancelled too. */
  cancel(timer: Timer): void {
    this.#timers.delete(timer);
  }

  /** Calls `action` on the loop's next turn, which then comes at once. For signal handlers. */
  post(action: () => void): void {
    this.defer(action, "now");
  }

  /** Calls `action` on one of the loop's next turns, which then come at once. */
  defer(action: () => void, urgency: Urgency): void {
    const actions = { now: this.#posted, soon: this.#soon, later: this.#later };
    actions[urgency].push(action);
    this.wakeWait();
  }

  /** Ends the wait under way, if there is one. */
  wakeWait(): void {
    if (this.#waiting) this.#poller.wake();
  }

  /** From now on, little input that comes often is handled several pieces at a time. */
  gather(): void {
    this.#gathering = new Gathering();
  }

  /** Says that there is much to do: for a while nothing is held up to be gathered. */
  hurry(): void {
    this.#gathering?.hurry(this.nowMs());
  }

  /**
   * Takes note of work on a helper thread: its end is a turn of the runtime's own. It ends the wait
   * under way: if the runtime cannot make another thread, its only one is the one that waits.
   */
  noteSlowWork(work: Promise<unknown>): void {
    this.#slowWork++;
    const done = () => {
      this.#slowWork--;
      this.#unsettledAt = this.#poller.turns;
    };
    work.then(done, done);
    this.wakeWait();
  }

  /** Runs until `finished` says so; it is asked after every turn. */
  async run(finished: () => boolean): Promise<void> {
    while (!finished()) {
      this.#waiting = true;
      const ready = await this.#wait();
      this.#waiting = false;
      for (const fd of ready) this.#call(this.#handlers.get(fd));
      for (const action of this.#posted.splice(0)) this.#call(action);
      this.#runDeferred();
      this.#runDueTimers();
    }
    await this.#told;
  }

  /**
   * Waits for nothing, once: the runtime then has the thread that waits. To be called before other
   * processes are started, which may leave no room for one; the runtime would not survive that.
   */
  async prepare(): Promise<void> {
    await this.#poller.wait(0);
  }

  async #wait(): Promise<number[]> {
    const timeoutMs = this.#timeoutMs();
    if (this.#gathering === undefined) return await this.#poller.wait(timeoutMs);
    const isAlone = this.#slowWork === 0 && this.#poller.turns > this.#unsettledAt;
    const manner = this.#gathering.manner(this.nowMs(), { isAlone, mayPause: timeoutMs !== 0 });
    const ready = await this.#poller.wait(timeoutMs, manner);
    if (ready.length > 0) this.#gathering.noteInput(this.nowMs());
    return ready;
  }

  #call(action: Action | undefined): void {
    if (action === undefined) return;
    try {
      if (action() === "settled") return;
    } catch (error) {
      const told = this.#onError(error);
      this.#told = this.#told.then(() => told);
    }
    this.#unsettledAt = this.#poller.turns;
  }

  #timeoutMs(): number {
    if (this.#posted.length + this.#soon.length > 0) return 0;
    const laterMs = this.#later.length > 0 ? this.#laterRestsUntilMs : Infinity;
    const earliest = Math.min(this.#timers.earliestMs, laterMs);
    if (earliest === Infinity) return -1;
    return Math.min(LONGEST_WAIT_MS, Math.max(0, Math.ceil(earliest - this.nowMs())));
  }

  /** Thousands of services may end at once: descriptors, signals and timers have turns between. */
  #runDeferred(): void {
    const startMs = this.nowMs();
    // What they defer in turn is for the next turn.
    for (let left = this.#soon.length; left > 0; left--) {
      this.#call(this.#soon.shift());
      if (this.nowMs() - startMs >= LONGEST_DEFERRED_MS) break;
    }
    if (this.#later.length === 0) return;
    if (this.#soon.length > 0 && startMs - this.#lastLaterMs < LONGEST_LATER_MS) return;
    const laterMs = this.nowMs();
    if (laterMs < this.#laterRestsUntilMs) return;
    for (let left = this.#later.length; left > 0; left--) {
      this.#call(this.#later.shift());
      this.#lastLaterMs = this.nowMs();
      if (this.#lastLaterMs - startMs >= LONGEST_DEFERRED_MS) break;
    }
    const tookMs = this.#lastLaterMs - laterMs;
    if (tookMs >= CROWDED_MS) {
      this.#laterRestsUntilMs = this.#lastLaterMs + Math.min(tookMs, LONGEST_LATER_MS);
    }
  }

  /** Calls what is due. When that takes long, descriptors and signals have their turn between. */
  #runDueTimers(): void {
    const { mark } = this.#timers;
    const startMs = this.nowMs();
    do {
      const timer = this.#timers.take(startMs, mark);
      if (timer === undefined) return;
      this.#call(timer.action);
    } while (this.nowMs() - startMs < LONGEST_TIMERS_MS);
  }
}
