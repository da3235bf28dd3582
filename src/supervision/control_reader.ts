/** Takes commands from `supervise/control`. */

import { fatal } from "../base/messages.ts";
import { type ControlLetter, controlLetter } from "./control.ts";
import type { SupervisionHost } from "./host.ts";
import type { ServiceDirectory } from "./service_directory.ts";

/** So many bytes are read at once: others have their turn before the next. */
const LETTERS_PER_TURN = 64;

/** Reads the letters that svc writes. */
export class ControlReader {
  readonly #host: SupervisionHost;
  readonly #directory: ServiceDirectory;
  readonly #onLetters: (letters: readonly ControlLetter[]) => void;
  #isReading = false;

  /**
   * @param onLetters called with the letters that were written
   */
  constructor(
    host: SupervisionHost,
    directory: ServiceDirectory,
    onLetters: (letters: readonly ControlLetter[]) => void,
  ) {
    this.#host = host;
    this.#directory = directory;
    this.#onLetters = onLetters;
  }

  /**
   * Begins to read.
   *
   * @throws {ProgramEnd} when the FIFO cannot be watched
   */
  begin(): void {
    const { name, controlFd } = this.#directory;
    try {
      this.#host.reactor.watch(controlFd, () => this.#read());
      this.#isReading = true;
    } catch (error) {
      fatal("supervise", ["unable to watch ", name, "/supervise/control"], error);
    }
  }

  /** Whether commands are taken. */
  get isReading(): boolean {
    return this.#isReading;
  }

  /** Reads no more. To be called while the FIFO is open. */
  end(): void {
    if (!this.#isReading) return;
    this.#isReading = false;
    this.#host.reactor.unwatch(this.#directory.controlFd);
  }

  #read(): void {
    const buffer = new Uint8Array(LETTERS_PER_TURN);
    const length = Math.max(0, this.#host.kernel.read(this.#directory.controlFd, buffer));
    const letters = [...buffer.subarray(0, length)].map(controlLetter);
    this.#onLetters(letters.filter((letter) => letter !== undefined));
  }
}
