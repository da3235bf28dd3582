/**
 * The orderly end of a scan: services first, each logger when its service is gone and what the
 * service wrote has been read.
 */

import { messageLine } from "../base/messages.ts";
import type { Host } from "../reactor/host.ts";
import type { Scan, ScannedService } from "./scan.ts";
import type { Supervisor } from "./supervisor.ts";

const DRAIN_POLL_MS = 20;
/** A logger that is at the end of its input gets this long to end by itself. */
const LOGGER_GRACE_MS = 1000;
const STILL_WAITING_MS = 10_000;

/** Ends everything that a scan supervises. */
export class Shutdown {
  readonly #host: Host;
  readonly #scan: Scan;
  readonly #closedPipes = new Set<ScannedService>();
  readonly #drainedSinceMs = new Map<ScannedService, number>();

  /** Begins: services are told to end. */
  constructor(host: Host, scan: Scan) {
    this.#host = host;
    this.#scan = scan;
    scan.end();
    for (const service of scan.services) service.main?.handle("stop");
    this.proceed();
    this.#pollDrains();
    this.#host.reactor.after(STILL_WAITING_MS, () => this.#tellWhoStays());
  }

  /** Whether all is done. */
  get finished(): boolean {
    for (const { main, log } of this.#scan.services) {
      if (main !== undefined || log !== undefined) return false;
    }
    return true;
  }

  /** Takes the next step with every service that is ready for it. */
  proceed(): void {
    for (const service of this.#scan.services) {
      if (service.main !== undefined || this.#closedPipes.has(service)) continue;
      this.#closedPipes.add(service);
      // The logger ends at end of file, which comes when the last writer is gone.
      if (service.pipe !== undefined) this.#host.kernel.close(service.pipe.writeFd);
      service.log?.handle("x");
    }
  }

  #pollDrains(): void {
    const nowMs = this.#host.reactor.nowMs();
    for (const service of this.#closedPipes) {
      const { log, pipe } = service;
      if (log === undefined || pipe === undefined) continue;
      if (this.#host.kernel.bytesWaiting(pipe.readFd) > 0) this.#drainedSinceMs.delete(service);
      else this.#endIdleLogger(service, log, nowMs);
    }
    this.#host.reactor.after(DRAIN_POLL_MS, () => this.#pollDrains());
  }

  /** For a logger that does not heed end of file, or whose pipe a stray process holds open. */
  #endIdleLogger(service: ScannedService, log: Supervisor, nowMs: number): void {
    const sinceMs = this.#drainedSinceMs.get(service);
    if (sinceMs === undefined) this.#drainedSinceMs.set(service, nowMs);
    else if (nowMs - sinceMs >= LOGGER_GRACE_MS) {
      this.#drainedSinceMs.set(service, nowMs);
      log.handle("stop");
    }
  }

  #tellWhoStays(): void {
    for (const { main, log } of this.#scan.services) {
      const last = main ?? log;
      if (last === undefined) continue;
      const parts = ["still waiting for ", last.name, ` (pid ${last.pid}) to end`];
      this.#host.report(messageLine("svscan", "warning", parts));
    }
    this.#host.reactor.after(STILL_WAITING_MS, () => this.#tellWhoStays());
  }
}
