/** `age=`: closes a `current` whose first line is so old, though it has room. */

import { ignoreSystemError } from "../../base/system_error.ts";
import type { Timestamp } from "../../base/tai64n.ts";
import type { Reactor, Timer } from "../../reactor/reactor.ts";
import type { LockedDirectory } from "./locked_directory.ts";

const secondsOf = ({ seconds, nanoseconds }: Timestamp) => seconds + nanoseconds / 1e9;

/**
 * How long ago the first line of `current` came, in seconds: an earlier run has noted that. Where
 * it has not, `current` was made not later than that.
 */
export function firstLineAge(directory: LockedDirectory): number {
  const { context: { kernel }, fd } = directory;
  try {
    const noted = secondsOf(directory.lockFile.firstLine);
    const { created, modified } = kernel.fileTimes(fd, "current");
    const earliest = created === undefined ? undefined : secondsOf(created);
    const latest = secondsOf(modified);
    const isSound = noted >= (earliest ?? noted) && noted <= latest;
    return Math.max(0, secondsOf(kernel.now()) - (isSound ? noted : earliest ?? latest));
  } catch (error) {
    // No worse than to count from now.
    ignoreSystemError(error);
    return 0;
  }
}

/** The age of one log's `current`. */
export class AgeTimer {
  readonly #reactor: Pick<Reactor, "after" | "cancel">;
  readonly #maxAgeSeconds: number;
  readonly #onDue: () => void;
  #timer: Timer | undefined;

  /**
   * @param maxAgeSeconds the age to reach
   * @param onDue called when it is reached
   */
  constructor(
    reactor: Pick<Reactor, "after" | "cancel">,
    maxAgeSeconds: number,
    onDue: () => void,
  ) {
    this.#reactor = reactor;
    this.#maxAgeSeconds = maxAgeSeconds;
    this.#onDue = onDue;
  }

  /** Whether there is something in `current` whose age is counted. */
  get isRunning(): boolean {
    return this.#timer !== undefined;
  }

  /** @param ageSeconds how old the first line of `current` is already */
  start(ageSeconds = 0): void {
    const restSeconds = Math.max(0, this.#maxAgeSeconds - ageSeconds);
    this.#timer = this.#reactor.after(restSeconds * 1000, () => {
      this.#timer = undefined;
      this.#onDue();
    });
  }

  /** Notes that `current` is empty, or is not to be closed any more. */
  stop(): void {
    if (this.#timer !== undefined) this.#reactor.cancel(this.#timer);
    this.#timer = undefined;
  }
}
