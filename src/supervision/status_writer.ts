/** Keeps `supervise/status` up to date. */

import type { Reporter } from "../base/messages.ts";
import type { Reactor, Timer } from "../reactor/reactor.ts";
import type { Observer, Snapshot } from "./observer.ts";
import type { ServiceDirectory, StatusFailure } from "./service_directory.ts";
import { encodeStatus } from "../base/status_record.ts";

const RETRY_MS = 5000;

/** Writes each new status. What cannot be written is told once and tried every five seconds. */
export class StatusWriter implements Observer {
  readonly #directory: ServiceDirectory;
  readonly #reactor: Reactor;
  readonly #reporter: Reporter;
  #retry: Timer | undefined;

  /**
   * Writes nothing yet.
   *
   * @param directory where the record is written
   */
  constructor(directory: ServiceDirectory, reactor: Reactor, reporter: Reporter) {
    this.#directory = directory;
    this.#reactor = reactor;
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
    this.#retry = this.#reactor.after(RETRY_MS, () => this.changed(snapshot));
  }

  close(): void {
    if (this.#retry !== undefined) this.#reactor.cancel(this.#retry);
    this.#retry = undefined;
  }

  #tell({ parts, caught }: StatusFailure): void {
    this.#reporter.warning(parts, caught);
  }
}
