/**
 * Compresses finished files, one after another, a piece at a time, so that lines keep flowing.
 *
 * The compressed file is written under another name first and takes its own only when it is on
 * the disk; until then the uncompressed one stays. So a crash at any moment costs nothing: what is
 * not compressed is taken up again at the next start.
 */

import { type Bytes, compareBytes, decode, encode } from "../base/bytes.ts";
import { ERRNO } from "../base/errno.ts";
import { errnoOf } from "../base/system_error.ts";
import type { DirectoryPlan } from "./script.ts";
import { type LogHost, Moot, type Persistence } from "./trouble.ts";
import { compressedName } from "./old_logs.ts";

const PIECE_SIZE = 65536;
const WORK_NAME = "compressing";
const COMPLETE = /\.s$/;

/** Compresses the old files of one directory. */
export class Compressor {
  readonly #host: LogHost;
  readonly #directoryFd: number;
  readonly #plan: DirectoryPlan;
  readonly #persistence: Persistence;
  #isSkipping = false;
  #work: Promise<void> = Promise.resolve();

  /** Compresses nothing yet. */
  constructor(
    host: LogHost,
    directoryFd: number,
    plan: DirectoryPlan,
    persistence: Persistence,
  ) {
    this.#host = host;
    this.#directoryFd = directoryFd;
    this.#plan = plan;
    this.#persistence = persistence;
  }

  /** Adds all files that an earlier run has finished and not compressed. */
  takeUp(names: readonly Bytes[]): void {
    for (const name of names.toSorted(compareBytes)) {
      if (COMPLETE.test(decode(name))) this.add(decode(name));
    }
  }

  /** Adds a finished file. */
  add(name: string): void {
    const parts = ["unable to compress ", this.#plan.path, "/", name];
    this.#work = this.#work.then(async () => {
      try {
        await this.#persistence.until(parts, () => this.#compress(name));
      } catch (error) {
        if (!(error instanceof Moot)) throw error;
      }
    });
  }

  /** Compresses nothing more after the file under way. */
  skipRest(): void {
    this.#isSkipping = true;
  }

  /** Waits until all is compressed. */
  async idle(): Promise<void> {
    await this.#work;
  }

  async #compress(name: string): Promise<void> {
    const { kernel } = this.#host;
    if (this.#isSkipping) return;
    let fromFd: number;
    try {
      fromFd = kernel.openRead(this.#directoryFd, name);
    } catch (error) {
      if (errnoOf(error) !== ERRNO.ENOENT) throw error;
      // It was old enough to go meanwhile.
      return;
    }
    try {
      const toFd = kernel.openTruncate(this.#directoryFd, WORK_NAME);
      try {
        await this.#copy(fromFd, toFd);
        await kernel.fsyncLater(toFd);
        kernel.fchmod(toFd, 0o744);
      } finally {
        kernel.close(toFd);
      }
      if (kernel.statFd(fromFd).links === 0) {
        // It went while it was being compressed.
        kernel.unlink(this.#directoryFd, encode(WORK_NAME));
        return;
      }
      kernel.rename(this.#directoryFd, WORK_NAME, compressedName(name));
      kernel.unlink(this.#directoryFd, encode(name));
    } finally {
      kernel.close(fromFd);
    }
  }

  async #copy(fromFd: number, toFd: number): Promise<void> {
    const { kernel } = this.#host;
    const gzip = new CompressionStream("gzip");
    const writer = gzip.writable.getWriter();
    const feeding = (async () => {
      for (;;) {
        const piece = new Uint8Array(PIECE_SIZE);
        const count = kernel.read(fromFd, piece);
        if (count <= 0) break;
        await writer.write(piece.subarray(0, count));
        // A turn of the event loop: lines come first.
        await new Promise<void>((resolve) => this.#host.reactor.post(resolve));
      }
      await writer.close();
    })();
    feeding.catch(() => {});
    for await (const piece of gzip.readable) {
      for (let at = 0; at < piece.length;) {
        at += kernel.write(toFd, piece.subarray(at) as Bytes);
      }
    }
    await feeding;
  }
}
