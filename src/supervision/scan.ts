/**
 * The scan: a directory of service directories, all kept under supervision.
 *
 * A service is known by the device and inode number of its directory, so a link and a rename do
 * not make it another one. It has a pipe from its standard output to its logger as soon as it has
 * a logger; both ends are held here for as long as the service is listed or anything of it is
 * supervised, so neither side's restart loses a byte.
 *
 * @see https://cr.yp.to/daemontools/svscan.html
 */

import { type Bytes, concat } from "../base/bytes.ts";
import { ERRNO } from "../base/errno.ts";
import { messageLine, type MessagePart, ProgramEnd } from "../base/messages.ts";
import { errnoOf } from "../base/system_error.ts";
import type { Host } from "../reactor/host.ts";
import type { Timer } from "../reactor/reactor.ts";
import type { FileStatus } from "../system/kernel.ts";
import { type ServicePlace, Supervisor } from "./supervisor.ts";

const SCAN_INTERVAL_MS = 5000;
const SHORTEST_RESCAN_MS = 10;
/** A directory that is made in place gets this long to be filled; a link counts at once. */
const SETTLE_MS = 1000;
const DOT = 0x2e;

/** One service of the scan. */
export interface ScannedService {
  /** Name in the directory, as first met in the latest scan. */
  name: Bytes;
  /** Whether the latest scan met it. */
  seen: boolean;
  /** Its supervisor, while there is one. */
  main: Supervisor | undefined;
  /** Its logger's supervisor, while there is one. */
  log: Supervisor | undefined;
  /** What joins the two; there once a logger was found. */
  pipe: { readonly readFd: number; readonly writeFd: number } | undefined;
  /** Whether its logger is only there to read what is left in the pipe. */
  draining: boolean;
}

/** Looks after every service in one directory. */
export class Scan {
  readonly #host: Host;
  readonly #directoryFd: number;
  readonly #services = new Map<string, ScannedService>();
  /** When each directory that may still be in the making was first met, by its identity. */
  readonly #settling = new Map<string, number>();
  readonly #onSupervisorEnd: () => void;
  #watchFd: number | undefined;
  #next: Timer | undefined;
  #nextIsEarly = false;
  #lastScanTookMs = 0;
  #startedOnce = false;

  /**
   * Makes a scan that has not begun.
   *
   * @param directoryFd the directory of services
   * @param onSupervisorEnd called whenever the supervision of one service or logger ends
   */
  constructor(host: Host, directoryFd: number, onSupervisorEnd: () => void) {
    this.#host = host;
    this.#directoryFd = directoryFd;
    this.#onSupervisorEnd = onSupervisorEnd;
  }

  /** What is known at present. */
  get services(): Iterable<ScannedService> {
    return this.#services.values();
  }

  /** Scans now, then whenever names change and at least every five seconds. */
  begin(): void {
    try {
      const watchFd = this.#host.kernel.watchDirectory(this.#directoryFd, ".");
      this.#host.reactor.watch(watchFd, () => this.#namesChanged(watchFd));
      this.#watchFd = watchFd;
    } catch (error) {
      // Without it changes are found by the next regular scan, as in the C program.
      errnoOf(error);
    }
    this.scanNow();
  }

  /** Begins no scan any more. */
  end(): void {
    if (this.#next !== undefined) this.#host.reactor.cancel(this.#next);
    this.#next = undefined;
    if (this.#watchFd === undefined) return;
    this.#host.reactor.unwatch(this.#watchFd);
    this.#host.kernel.close(this.#watchFd);
    this.#watchFd = undefined;
  }

  /** Scans once and sets the time for the next scan. */
  scanNow(): void {
    const startMs = this.#host.reactor.nowMs();
    this.#host.children.reapAll();
    this.#scanOnce();
    this.#startedOnce = true;
    this.#lastScanTookMs = this.#host.reactor.nowMs() - startMs;
    this.#scanAfter(SCAN_INTERVAL_MS, false);
    if (this.#settling.size > 0) this.#scanAfter(SETTLE_MS, true);
  }

  #scanAfter(delayMs: number, early: boolean): void {
    if (this.#next !== undefined) this.#host.reactor.cancel(this.#next);
    this.#nextIsEarly = early;
    this.#next = this.#host.reactor.after(delayMs, () => this.scanNow());
  }

  #namesChanged(watchFd: number): void {
    this.#host.kernel.drainWatch(watchFd);
    if (this.#nextIsEarly && this.#settling.size === 0) return;
    // A long burst of changes must not make scanning all that we do.
    this.#scanAfter(Math.max(SHORTEST_RESCAN_MS, 10 * this.#lastScanTookMs), true);
  }

  #warn(parts: readonly MessagePart[], caught?: unknown): void {
    const errno = caught === undefined ? undefined : errnoOf(caught);
    this.#host.report(messageLine("svscan", "warning", parts, errno));
  }

  #scanOnce(): void {
    for (const service of this.#services.values()) service.seen = false;
    let names: Bytes[];
    try {
      names = this.#host.kernel.readDirectory(this.#directoryFd, ".");
    } catch (error) {
      return this.#warn(["unable to read directory"], error);
    }
    const settlingBefore = new Set(this.#settling.keys());
    for (const name of names) {
      if (name[0] !== DOT) this.#visit(name, settlingBefore);
    }
    for (const identity of settlingBefore) this.#settling.delete(identity);
    for (const [identity, service] of this.#services) {
      if (!service.seen) this.#dropIfIdle(identity, service);
    }
  }

  #visit(name: Bytes, settlingBefore: Set<string>): void {
    let status: FileStatus;
    try {
      status = this.#host.kernel.stat(this.#directoryFd, name);
    } catch (error) {
      return this.#warn(["unable to stat ", name], error);
    }
    if (status.kind !== "directory") return;
    const identity = `${status.device}:${status.inode}`;
    let service = this.#services.get(identity);
    if (service === undefined) {
      if (this.#mayBeInTheMaking(name, identity)) {
        settlingBefore.delete(identity);
        return;
      }
      service = {
        name,
        seen: false,
        main: undefined,
        log: undefined,
        pipe: undefined,
        draining: false,
      };
    }
    if (service.seen) return;
    service.name = name;
    service.seen = true;
    if (!this.#connectLogger(service)) return;
    this.#services.set(identity, service);
    this.#startMissing(service);
  }

  /** Only a directory whose making we have been told of can be unfinished. */
  #mayBeInTheMaking(name: Bytes, identity: string): boolean {
    if (!this.#startedOnce || this.#watchFd === undefined) return false;
    const nowMs = this.#host.reactor.nowMs();
    const firstSeenMs = this.#settling.get(identity);
    if (firstSeenMs !== undefined) return nowMs - firstSeenMs < SETTLE_MS;
    try {
      if (this.#host.kernel.statLink(this.#directoryFd, name).kind === "link") return false;
    } catch (error) {
      errnoOf(error);
    }
    this.#settling.set(identity, nowMs);
    return true;
  }

  /**
   * Gives a service that has a logger its pipe.
   *
   * @returns false when what it needs could not be had and it must not be started
   */
  #connectLogger(service: ScannedService): boolean {
    if (service.pipe !== undefined) return true;
    const path = concat(service.name, "/log");
    try {
      const { kind } = this.#host.kernel.stat(this.#directoryFd, path);
      if (kind !== "directory") {
        // Without a pipe: the service must not fill one that nobody reads.
        const parts = ["unable to chdir to ", path];
        this.#host.report(messageLine("supervise", "fatal", parts, ERRNO.ENOTDIR));
        return true;
      }
    } catch (error) {
      if (errnoOf(error) === ERRNO.ENOENT) return true;
      this.#warn(["unable to stat ", path], error);
      return service.main !== undefined;
    }
    try {
      service.pipe = this.#host.kernel.pipe();
    } catch (error) {
      this.#warn(["unable to create pipe for ", service.name], error);
      return service.main !== undefined;
    }
    if (service.main !== undefined) {
      service.main.connectStdout(service.pipe.writeFd);
      const advice = ": it is connected when the service starts again, as after svc -t";
      this.#warn(["found a logger for ", service.name, " while it was running", advice]);
    }
    return true;
  }

  #startMissing(service: ScannedService): void {
    const { name, pipe } = service;
    const at = this.#directoryFd;
    service.main ??= this.#supervise(
      { at, path: name, name, stdoutFd: pipe?.writeFd },
      () => service.main = undefined,
    );
    if (pipe === undefined) return;
    const path = concat(name, "/log");
    service.log ??= this.#supervise(
      {
        at,
        path,
        name: path,
        stdinFd: pipe.readFd,
        isOver: () => service.draining && this.#host.kernel.bytesWaiting(pipe.readFd) === 0,
      },
      () => service.log = undefined,
    );
  }

  #supervise(place: ServicePlace, forget: () => void): Supervisor | undefined {
    let over = false;
    try {
      const supervisor = new Supervisor(this.#host, place, () => {
        over = true;
        forget();
        this.#onSupervisorEnd();
      });
      return over ? undefined : supervisor;
    } catch (error) {
      if (!(error instanceof ProgramEnd)) throw error;
      this.#host.report(error.text);
      return undefined;
    }
  }

  #dropIfIdle(identity: string, service: ScannedService): void {
    if (service.main !== undefined || service.log !== undefined) return;
    this.#services.delete(identity);
    if (service.pipe === undefined) return;
    this.#host.kernel.close(service.pipe.readFd);
    this.#host.kernel.close(service.pipe.writeFd);
  }
}
