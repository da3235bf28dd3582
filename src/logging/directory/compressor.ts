/**
 * Compresses finished files, one after another, a piece at a time, so that lines keep flowing.
 *
 * The compressed file is written under another name first and takes its own only when it is on
 * the disk; until then the uncompressed one stays. So a crash at any moment costs nothing: what is
 * not compressed is taken up again at the next start.
 */

import { type Bytes, compareBytes, decode, encode } from "../../base/bytes.ts";
import { SystemError, unlessMissing } from "../../base/system_error.ts";
import { ERRNO } from "../../base/errno.ts";
import { unlessGivenUp } from "../retrier.ts";
import type { LogFolder } from "./log_folder.ts";
import { compressedName } from "./old_logs.ts";

const PIECE_SIZE = 65536;
const WORK_NAME = "compressing";
const COMPLETE = /\.s$/;

/** Compresses the old files of one directory. */
export class Compressor {
  readonly #folder: LogFolder;
  #isSkipping = false;
  #isEnding = false;
  #failuresAtEnd = 0;
  #work: Promise<void> = Promise.resolve();

  /** @param folder the directory that they are in */
  constructor(folder: LogFolder) {
    this.#folder = folder;
  }

  /** Adds all files that an earlier run has finished and not compressed. */
  takeUp(names: readonly Bytes[]): void {
    for (const name of names.toSorted(compareBytes)) {
      if (COMPLETE.test(decode(name))) this.add(decode(name));
    }
  }

  /** Adds a finished file. */
  add(name: string): void {
    const { name: directory, retrier } = this.#folder;
    const parts = ["unable to compress ", directory, "/", name];
    this.#work = this.#work.then(() => unlessGivenUp(retrier.retry(parts, () => this.#try(name))));
  }

  /** Compresses nothing more after the file under way. */
  skipRest(): void {
    this.#isSkipping = true;
  }

  /**
   * Waits until all is compressed. What fails twice from now on is left to the next run, with all
   * that comes after it: an old file that cannot be read must not hold up the end.
   */
  async finish(): Promise<void> {
    this.#isEnding = true;
    await this.#work;
  }

  async #try(name: string): Promise<void> {
    try {
      await this.#compress(name);
    } catch (error) {
      if (!this.#isEnding || ++this.#failuresAtEnd < 2) throw error;
      this.skipRest();
      const { context: { reporter }, name: directory } = this.#folder;
      reporter.warning(["unable to compress ", directory, "/", name, ", the next run will"], error);
    }
  }

  async #compress(name: string): Promise<void> {
    const { context: { kernel }, fd: directoryFd } = this.#folder;
    if (this.#isSkipping) return;
    const fromFd = unlessMissing(() => kernel.openRead(directoryFd, name));
    // It was old enough to go meanwhile.
    if (fromFd === undefined) return;
    try {
      const toFd = kernel.openTruncate(directoryFd, WORK_NAME);
      try {
        await this.#copy(fromFd, toFd);
        await kernel.fsyncLater(toFd);
        kernel.fchmod(toFd, 0o744);
      } finally {
        kernel.close(toFd);
      }
      this.#folder.retrier.check();
      if (kernel.statFd(fromFd).links === 0) {
        // It went while it was being compressed.
        kernel.unlink(directoryFd, encode(WORK_NAME));
        return;
      }
      kernel.rename(directoryFd, WORK_NAME, compressedName(name));
      kernel.unlink(directoryFd, encode(name));
    } finally {
      kernel.close(fromFd);
    }
  }

  /** Compresses an open file. Nothing uses either descriptor any more when it ends or throws. */
  async #copy(fromFd: number, toFd: number): Promise<void> {
    const { context: { kernel, reactor }, retrier } = this.#folder;
    let isOver = false;
    const source = new ReadableStream<Bytes>({
      async pull(controller) {
        // A turn of the event loop: lines come first.
        await new Promise<void>((next) => reactor.post(next));
        if (isOver) return controller.close();
        const piece = new Uint8Array(PIECE_SIZE);
        const count = kernel.read(fromFd, piece);
        if (count > 0) controller.enqueue(piece.subarray(0, count));
        else controller.close();
      },
    }, { highWaterMark: 0 });
    try {
      for await (const piece of source.pipeThrough(new CompressionStream("gzip"))) {
        retrier.check();
        for (let at = 0; at < piece.length;) {
          const count = kernel.write(toFd, piece.subarray(at) as Bytes);
          if (count === 0) throw new SystemError("write", ERRNO.ENOSPC);
          at += count;
        }
      }
    } finally {
      isOver = true;
    }
  }
}
