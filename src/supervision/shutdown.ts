/**
 * The orderly end of a scan: services first, each logger when its service is gone and what the
 * service wrote has been read.
 *
 * A logger that ends while the pipe holds anything is started again as ever, because that would be
 * lost without it. With an empty pipe it meets the end of its input, for svscan holds no writing
 * end any more, and its supervision ends with it.
 */

import { createReporter, type Reporter } from "../base/messages.ts";
import type { SupervisionHost } from "./host.ts";
import type { Scan } from "./scan.ts";
import type { Service } from "./service.ts";
import type { Supervisor } from "./supervisor.ts";

const DRAIN_POLL_MS = 20;
/** As many times as long as a poll takes is none. */
const POLL_SHARE = 8;
/** A logger that is at the end of its input gets this long to end by itself. */
const LOGGER_GRACE_MS = 1000;
/** A logger that cannot be kept running gets this long to read anything. */
const BROKEN_LOGGER_MS = 5000;
const STILL_WAITING_MS = 10_000;
/** In an end by force a logger whose service was killed gets this long to read the rest. */
const KILLED_LOGGER_MS = 2000;

/** What is known of a logger whose service is gone. */
interface Draining {
  /** Bytes in the pipe, when they were last counted. */
  bytes: number;
  /** When that number was new. */
  sinceMs: number;
  /** Whether it was told that they are lost. */
  told: boolean;
  /** Whether its supervision is to end with it. */
  leaves: boolean;
  /** Whether it has none any more. */
  isOver: boolean;
}

/** Ends everything that a scan supervises. */
export class Shutdown {
  readonly #host: SupervisionHost;
  readonly #reporter: Reporter;
  readonly #scan: Scan;
  readonly #draining = new Map<Service, Draining>();
  /** Those services that were told. */
  readonly #told = new Set<Supervisor>();
  /** Whether no more of them are found. */
  #knowsAll = false;
  #willProceed = false;

  /** Begins: services are told to end. */
  constructor(host: SupervisionHost, scan: Scan) {
    this.#host = host;
    this.#reporter = createReporter("svscan", host.report);
    this.#scan = scan;
    this.#stopServices();
    scan.end(() => {
      this.#knowsAll = true;
      this.#stopServices();
      this.#drainMore();
    });
    this.#pollDrains();
    this.#host.reactor.after(STILL_WAITING_MS, () => this.#tellWhoStays());
  }

  /** Whether all is done. */
  get finished(): boolean {
    if (!this.#knowsAll || this.#willProceed) return false;
    for (const service of this.#scan.services) if (!service.isIdle) return false;
    return true;
  }

  #stopServices(): void {
    for (const { main } of this.#scan.services) {
      if (main === undefined || this.#told.has(main)) continue;
      this.#told.add(main);
      main.handle("stop");
    }
  }

  /** Ends the waiting: services are killed, and their loggers a little later. */
  force(): void {
    this.#reporter.warning(["told to end once more: what still runs is killed"]);
    for (const { main } of this.#scan.services) main?.handle("k");
    this.#host.reactor.after(KILLED_LOGGER_MS, () => this.#killAll());
  }

  #killAll(): void {
    for (const service of this.#scan.services) {
      const draining = this.#draining.get(service);
      if (draining !== undefined) this.#tellOfLoss(service, draining, "it is killed");
      for (const supervisor of [service.main, service.log]) {
        supervisor?.handle("x");
        supervisor?.handle("k");
      }
    }
  }

  /** Told that a service or a logger is gone: soon the loggers of all that are come to their end. */
  proceed(): void {
    // Thousands may go at once, and each look is at all of them.
    if (this.#willProceed) return;
    this.#willProceed = true;
    this.#host.reactor.post(() => {
      this.#willProceed = false;
      this.#drainMore();
    });
  }

  #drainMore(): void {
    for (const service of this.#scan.services) {
      if (service.main !== undefined || this.#draining.has(service)) continue;
      service.endInput();
      const sinceMs = this.#host.reactor.nowMs();
      this.#draining.set(service, {
        bytes: -1,
        sinceMs,
        told: false,
        leaves: false,
        isOver: false,
      });
      this.#drain(service);
    }
  }

  #pollDrains(): void {
    const { reactor } = this.#host;
    const startMs = reactor.nowMs();
    for (const service of this.#draining.keys()) {
      // Nothing is left to be looked after, and thousands may be.
      if (!service.isIdle || !this.#draining.get(service)!.isOver) this.#drain(service);
    }
    // To look at thousands takes long, and must not keep them from their ends.
    const delayMs = Math.max(DRAIN_POLL_MS, POLL_SHARE * (reactor.nowMs() - startMs));
    reactor.after(delayMs, () => this.#pollDrains());
  }

  #drain(service: Service): void {
    const { log } = service;
    const draining = this.#draining.get(service)!;
    if (log === undefined) {
      draining.isOver = true;
      return this.#tellOfLoss(service, draining);
    }
    draining.isOver = false;
    const nowMs = this.#host.reactor.nowMs();
    const bytes = service.bytesWaiting;
    if (bytes !== draining.bytes) {
      draining.bytes = bytes;
      draining.sinceMs = nowMs;
    }
    const unchangedMs = nowMs - draining.sinceMs;
    if (bytes > 0) this.#keepReading(service, log, unchangedMs);
    else if (unchangedMs < LOGGER_GRACE_MS) {
      if (!draining.leaves) log.handle("x");
      draining.leaves = true;
    } else {
      // It does not heed the end of its input, or a stray process holds the pipe open.
      log.handle("stop");
      draining.sinceMs = nowMs;
    }
  }

  #keepReading(service: Service, log: Supervisor, unchangedMs: number): void {
    if (log.state === "paused") log.handle("c");
    const broken = log.state === "waiting" && unchangedMs >= BROKEN_LOGGER_MS;
    if (log.state !== "down" && !broken) return;
    this.#tellOfLoss(
      service,
      this.#draining.get(service)!,
      broken ? "it does not run" : "it is down",
    );
    log.handle("x");
  }

  /** Says once that what is left in the pipe is not going to be read. */
  #tellOfLoss(service: Service, draining: Draining, why = "it is not supervised"): void {
    const bytes = service.bytesWaiting;
    if (draining.told || bytes === 0) return;
    draining.told = true;
    const parts = [service.name, `/log has not read ${bytes} bytes, and they are lost: ${why}`];
    this.#reporter.warning(parts);
  }

  #tellWhoStays(): void {
    for (const { main, log } of this.#scan.services) {
      const last = main ?? log;
      if (last === undefined) continue;
      const parts = ["still waiting for ", last.name, ` (pid ${last.pid}) to end`];
      this.#reporter.warning(parts);
    }
    this.#host.reactor.after(STILL_WAITING_MS, () => this.#tellWhoStays());
  }
}
