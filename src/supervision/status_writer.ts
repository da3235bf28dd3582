/** Keeps `supervise/status` up to date. */

import type { Reporter } from "../base/messages.ts";
import type { Timer } from "../reactor/reactor.ts";
import type { SupervisionHost } from "./host.ts";
import type { Observer, Snapshot } from "./observer.ts";
import type { ServiceDirectory, StatusFailure } from "./service_directory.ts";
import { encodeStatus } from "../base/status_record.ts";

const RETRY_MS = 5000;

/** Writes each new status. What cannot be written is told once and tried every five seconds. */
export class StatusWriter implements Observer {
  readonly #directory: ServiceDirectory;
  readonly #host: Pick<SupervisionHost, "reactor" | "storage">;
  readonly #reporter: Reporter;
  #retry: Timer | undefined;

  /**
   * @param directory where the record is written
   */
  constructor(
    directory: ServiceDirectory,
    host: Pick<SupervisionHost, "reactor" | "storage">,
    reporter: Reporter,
  ) {
    this.#directory = directory;
    this.#host = host;
    this.#reporter = reporter;
  }

  changed(snapshot: Snapshot): void {
    const failure = this.#directory.writeStatus(encodeStatus(snapshot.since, {
      pid: snapshot.pid,
      paused: snapshot.state === "paused",
      want: snapshot.want,
    }));
    const isNew = this.#retry === undefined;
    this.close();
    if (failure === undefined) return;
    if (isNew) this.#tell(failure);
    if (snapshot.state === "ended") return;
    this.#retry = this.#host.reactor.after(RETRY_MS, () => this.#tryAgain(snapshot));
  }

  #tryAgain(snapshot: Snapshot): void {
    const retry = this.#retry;
    this.#host.storage.whenReady(this.#directory.lockFile, () => {
      // A newer status may have been written meanwhile.
      if (this.#retry === retry) this.changed(snapshot);
    });
  }

  close(): void {
    if (this.#retry !== undefined) this.#host.reactor.cancel(this.#retry);
    this.#retry = undefined;
  }

  #tell({ parts, caught }: StatusFailure): void {
    this.#reporter.warning(parts, caught);
  }
}
