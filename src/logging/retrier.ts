/**
 * What a log does when something fails: it says so, waits five seconds, and tries again, for as
 * long as it takes.
 */

import { ERRNO } from "../base/errno.ts";
import type { MessagePart } from "../base/messages.ts";
import { errnoOf, SystemError } from "../base/system_error.ts";
import type { StreamContext } from "./stream_context.ts";

/** How long multilog of daemontools waits: five seconds, in steps of 20 ms and a little. */
const PAUSE_MS = 5020;

/**
 * Thrown instead of trying again: the log directory is removed, with all that was in it, or the
 * stream is ended at once.
 */
export class GivenUp extends SystemError {
  /** An `open` that found nothing. */
  constructor() {
    super("open", ERRNO.ENOENT);
  }
}

/** Waits for work; undefined when it was given up. */
export async function unlessGivenUp<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof GivenUp) return undefined;
    throw error;
  }
}

/** Tries things until they work. */
export class Retrier {
  /** Called when something begins to fail. */
  onFailure: () => void = () => {};
  readonly #context: Pick<StreamContext, "reactor" | "reporter">;
  readonly #isRemoved: () => boolean;
  /** What ends the pauses that are under way. */
  readonly #pauses = new Set<() => void>();
  #isAbandoned = false;

  /** @param isRemoved asked after each failure: whether to end with {@linkcode GivenUp} */
  constructor(
    context: Pick<StreamContext, "reactor" | "reporter">,
    isRemoved: () => boolean = () => false,
  ) {
    this.#context = context;
    this.#isRemoved = isRemoved;
  }

  /** Whether something fails at present. */
  get isFailing(): boolean {
    return this.#pauses.size > 0;
  }

  /** Gives up whatever is tried, now and from now on. */
  abandon(): void {
    this.#isAbandoned = true;
    for (const end of this.#pauses) end();
  }

  /**
   * Makes sure that there is a reason to go on.
   *
   * @throws {GivenUp} when everything is abandoned
   */
  check(): void {
    if (this.#isAbandoned) throw new GivenUp();
  }

  /**
   * Prints `TEXT, pausing: REASON`, and waits 5 seconds.
   *
   * @param caught what failed; without it the message has no reason
   * @throws {GivenUp} when there is nothing to wait for
   */
  async pause(parts: readonly MessagePart[], caught?: unknown): Promise<void> {
    // A mistake of ours does not go away by waiting.
    if (caught !== undefined) errnoOf(caught);
    this.check();
    if (this.#isRemoved()) throw new GivenUp();
    const { reactor, reporter } = this.#context;
    reporter.warning([...parts, ", pausing"], caught);
    await new Promise<void>((resolve) => {
      const timer = reactor.after(PAUSE_MS, () => end());
      const end = () => {
        reactor.cancel(timer);
        this.#pauses.delete(end);
        resolve();
      };
      this.#pauses.add(end);
      this.onFailure();
    });
    this.check();
  }

  /**
   * Takes a step, again and again until it works.
   *
   * @param parts what is said when it fails: `unable to …`
   * @returns what the step gave
   * @throws {GivenUp} when it need not be taken any more
   */
  async retry<T>(parts: readonly MessagePart[], step: () => T | Promise<T>): Promise<T> {
    for (;;) {
      this.check();
      try {
        return await step();
      } catch (error) {
        await this.pause(parts, error);
      }
    }
  }
}
