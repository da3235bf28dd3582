/** Notices when a service directory, or what supervision keeps in it, was removed. */

import { ProgramEnd, type Reporter } from "../base/messages.ts";
import type { ControlReader } from "./control_reader.ts";
import type { SupervisionHost } from "./host.ts";
import type { ServiceDirectory } from "./service_directory.ts";

/** What was found: all is there, `supervise/` was missing and is made again, or nothing is left. */
export type Finding = "sound" | "remade" | "removed";

/** Looks after one directory that is in use. */
export class DirectoryCheck {
  readonly #host: SupervisionHost;
  readonly #directory: ServiceDirectory;
  readonly #control: ControlReader;
  readonly #reporter: Reporter;
  #isInTrouble = false;

  /**
   * @param control reads from another FIFO when that was made again
   */
  constructor(
    host: SupervisionHost,
    directory: ServiceDirectory,
    control: ControlReader,
    reporter: Reporter,
  ) {
    this.#host = host;
    this.#directory = directory;
    this.#control = control;
    this.#reporter = reporter;
  }

  /** Looks, and makes `supervise/` again where it is missing. What fails is told once. */
  look(): Finding {
    try {
      if (this.#directory.isSound()) this.#beSound();
      else if (this.#directory.isRemoved()) return "removed";
      else {
        this.#remake();
        return "remade";
      }
    } catch (error) {
      if (!this.#isInTrouble) this.#tell(error);
      this.#isInTrouble = true;
    }
    return "sound";
  }

  #beSound(): void {
    if (!this.#control.isReading) this.#control.begin();
    this.#isInTrouble = false;
  }

  #remake(): void {
    this.#control.end();
    try {
      this.#directory.remake();
    } finally {
      this.#control.begin();
    }
    const what = "/supervise was removed: it is made again";
    this.#reporter.warning([this.#directory.name, what]);
  }

  #tell(error: unknown): void {
    if (error instanceof ProgramEnd) return this.#host.report(error.text);
    this.#reporter.warning(["unable to look at ", this.#directory.name, "/supervise"], error);
  }
}
