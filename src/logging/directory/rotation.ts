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
  /** What is done with the file before `current`. */
  #finishing: Promise<void> = Promise.resolve();

  /** @param current what rotates */
  constructor(current: CurrentFile) {
    this.#current = current;
  }

  /** Begins a new file, when the one before `current` is finished. */
  async beginFile(): Promise<void> {
    await this.#finishing;
    await this.#keepLeftOvers(this.#current.directory);
    const { fd, isPrevious } = await this.#current.replace();
    const { directory } = this.#current;
    this.#finishing = finishOld(directory, fd, isPrevious).catch((error) =>
      // A mistake of ours must be seen, and must not hold up what follows.
      directory.context.reactor.post(() => {
        throw error;
      })
    );
  }

  /** A clean start leaves `previous` alone, and somebody may have made one: it is not overwritten. */
  async #keepLeftOvers(directory: LockedDirectory): Promise<void> {
    const { name, oldLogs, retrier } = directory;
    oldLogs.prepare();
    await unlessGivenUp(retrier.retry(
      ["unable to stat ", name, "/processed"],
      () => finishLeftOvers(directory),
    ));
  }

  /** Waits until the file before `current` is finished, and compressed if that is wanted. */
  async idle(): Promise<void> {
    await this.#finishing;
    await this.#current.directory.compressor?.finish();
  }
}

/**
 * Puts what was `current` on the disk, and if it is `previous` gives it its final name, after the
 * processor if there is one.
 *
 * @param oldFd its descriptor, which is closed
 */
async function finishOld(
  directory: LockedDirectory,
  oldFd: number,
  isPrevious: boolean,
): Promise<void> {
  const { context: { kernel }, plan: { processor }, name, oldLogs, retrier } = directory;
  const finishedName = await unlessGivenUp((async () => {
    try {
      await retrier.retry(
        ["unable to write ", name, "/current to disk"],
        () => kernel.fsyncLater(oldFd),
      );
      await retrier.retry(
        ["unable to set mode of ", name, "/previous"],
        () => kernel.fchmod(oldFd, COMPLETE_MODE),
      );
    } finally {
      kernel.close(oldFd);
    }
    if (!isPrevious) return undefined;
    if (processor === undefined) return await oldLogs.finish("previous", "s");
    await processPrevious(directory, processor);
    return await oldLogs.finish("processed", "s");
  })());
  if (finishedName !== undefined) directory.compressor?.add(finishedName);
}
