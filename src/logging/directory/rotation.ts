/**
 * Rotation: `current` becomes `previous`, a new `current` begins, and `previous` is finished while
 * lines go on into the new file.
 *
 * daemontools' multilog puts `current` on the disk before it renames it, and no line is written
 * meanwhile. Here the rename comes first, so that nothing that was read waits in memory. What a
 * name promises is the same: `previous` gets its mode, and an old log its `.s`, when the file is
 * on the disk; before that, a crash leaves a `.u`.
 */

import { unlessGivenUp } from "../retrier.ts";
import type { CurrentFile } from "./current_file.ts";
import type { LockedDirectory } from "./locked_directory.ts";
import { processPrevious } from "./processor.ts";
import { finishLeftOvers } from "./recovery.ts";

const COMPLETE_MODE = 0o744;

/** The rotations of one log. */
export class Rotation {
  readonly #current: CurrentFile;
  /** Whether there may be a `previous` that an earlier run left. */
  #mayHaveLeftOvers: boolean;
  /** What is done with the file before `current`. */
  #finishing: Promise<void> = Promise.resolve();

  /** @param mayHaveLeftOvers whether the start did without recovery */
  constructor(current: CurrentFile, mayHaveLeftOvers: boolean) {
    this.#current = current;
    this.#mayHaveLeftOvers = mayHaveLeftOvers;
  }

  /** Begins a new file, when the one before `current` is finished. */
  async beginFile(): Promise<void> {
    await this.#finishing;
    if (this.#mayHaveLeftOvers) {
      const { directory } = this.#current;
      await unlessGivenUp(directory.retrier.retry(
        ["unable to stat ", directory.name, "/processed"],
        () => finishLeftOvers(directory),
      ));
      this.#mayHaveLeftOvers = false;
    }
    const previousFd = await this.#current.replace();
    const { directory } = this.#current;
    this.#finishing = finishPrevious(directory, previousFd).catch((error) =>
      // A mistake of ours must be seen, and must not hold up what follows.
      directory.context.reactor.post(() => {
        throw error;
      })
    );
  }

  /** Waits until the file before `current` is finished, and compressed if that is wanted. */
  async idle(): Promise<void> {
    await this.#finishing;
    await this.#current.directory.compressor?.idle();
  }
}

/** Gives `previous` its final name, after the processor if there is one. */
async function finishPrevious(directory: LockedDirectory, previousFd: number): Promise<void> {
  const { context: { kernel }, plan: { processor }, name, oldLogs, retrier } = directory;
  const finishedName = await unlessGivenUp((async () => {
    try {
      await retrier.retry(
        ["unable to write ", name, "/current to disk"],
        () => kernel.fsyncLater(previousFd),
      );
      await retrier.retry(
        ["unable to set mode of ", name, "/previous"],
        () => kernel.fchmod(previousFd, COMPLETE_MODE),
      );
    } finally {
      kernel.close(previousFd);
    }
    if (processor === undefined) return await oldLogs.finish("previous", "s");
    await processPrevious(directory, processor);
    return await oldLogs.finish("processed", "s");
  })());
  if (finishedName !== undefined) directory.compressor?.add(finishedName);
}
