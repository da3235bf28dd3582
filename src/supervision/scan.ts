/**
 * The scan: finds the services in a directory, and forgets those that are gone.
 *
 * A service is known by the device and inode number of its directory, so a link and a rename do
 * not make it another one.
 *
 * @see https://cr.yp.to/daemontools/svscan.html
 */

import type { Bytes } from "../base/bytes.ts";
import { createReporter, type Reporter } from "../base/messages.ts";
import { ignoreSystemError } from "../base/system_error.ts";
import type { Timer } from "../reactor/reactor.ts";
import type { FileIdentity, FileStatus } from "../system/kernel.ts";
import type { HandedService } from "./handover.ts";
import type { SupervisionHost } from "./host.ts";
import { NameSweep } from "./name_sweep.ts";
import { NameWatch } from "./name_watch.ts";
import { Service, type ServiceOptions } from "./service.ts";
import { keyOf, RecentTrouble } from "./recent_trouble.ts";
import { ServiceWatch } from "./service_watch.ts";

const SCAN_INTERVAL_MS = 5000;
const SHORTEST_RESCAN_MS = 10;
/** A directory that is made in place gets this long to be filled; a link counts at once. */
const SETTLE_MS = 1000;
/**
 * A scan looks at every name, but only into so many services, or as many as it takes to look into
 * all within so many scans, which is a minute: there it finds what hardly ever happens.
 */
const LEAST_LOOKS = 200;
const SCANS_FOR_ALL = 12;

/** What one scan has found, by identity. */
interface Findings {
  /** Services that are there. */
  readonly seen: Set<string>;
  /** When directories that may be in the making were first met, in milliseconds. */
  readonly settling: Map<string, number>;
  /** Directories whose name another service still needs. */
  readonly heldBack: Set<string>;
  /** Services of which something ran, by name; once that was asked. */
  running?: ReadonlyMap<string, Service>;
}

function noFindings(): Findings {
  return { seen: new Set(), settling: new Map(), heldBack: new Set() };
}

/** What a name led to. */
interface Known {
  readonly directory: FileIdentity;
  readonly identity: string;
  readonly service: Service;
}

/** Looks after every service in one directory. */
export class Scan {
  readonly #host: SupervisionHost;
  readonly #reporter: Reporter;
  readonly #directoryFd: number;
  /** Every service that is known, by its identity. */
  readonly #services = new Map<string, Service>();
  /** What the names of the last sweep led to. */
  readonly #known = new WeakMap<Bytes, Known>();
  /** When each directory that may still be in the making was first met, by its identity. */
  #settling = new Map<string, number>();
  /** Directories of the name of a removed one whose process runs on, by identity. */
  #heldBack = new Set<string>();
  readonly #onSupervisionEnd: () => void;
  readonly #options: ServiceOptions;
  #names: NameWatch | undefined;
  /** What is watched of services, for which something may come late. */
  readonly #watches = new Map<Service, ServiceWatch>();
  #next: Timer | undefined;
  readonly #sweep: NameSweep;
  #findings = noFindings();
  /** Whether names changed during the scan that is under way. */
  #isAskedAgain = false;
  /** The known services that this scan looks into: so many, from this one on, as they are met. */
  #looks = { from: 0, count: 0, of: 0 };
  /** How many known services were met in this scan. */
  #met = 0;
  readonly #trouble = new RecentTrouble(SCAN_INTERVAL_MS);
  /** How long new services were started for in this scan, in milliseconds. */
  #startingMs = 0;
  #lastScanTookMs = 0;
  #startedOnce = false;
  /** Whether every name was visited once. */
  #hasSeenAll = false;
  /** What waits for that. */
  #waiting: (() => void)[] = [];
  /** Called when the last scan is over, once that is under way. */
  #onLastOver: (() => void) | undefined;

  /**
   * Makes a scan that has not begun.
   *
   * @param directoryFd the directory of services
   * @param onSupervisionEnd called whenever the supervision of one service or logger ends
   */
  constructor(
    host: SupervisionHost,
    directoryFd: number,
    onSupervisionEnd: () => void,
    options: ServiceOptions = {},
  ) {
    this.#host = host;
    this.#options = {
      ...options,
      onceAllIsHeld: (action) => this.#onceAllIsHeld(action),
      mayStart: () => this.#onLastOver === undefined,
    };
    this.#reporter = createReporter("svscan", host.report);
    this.#directoryFd = directoryFd;
    this.#sweep = new NameSweep(host, this.#reporter, directoryFd, {
      visit: (name, isLate) => this.#visit(name, this.#findings, isLate),
      done: (unseen, tookMs) => this.#sweepDone(unseen, tookMs),
      failed: (error) => this.#sweepFailed(error),
      recovered: () => this.#scanWithin(0),
    });
    this.#onSupervisionEnd = () => {
      if (this.#heldBack.size > 0 && this.#next !== undefined) this.#scanWithin(0);
      onSupervisionEnd();
    };
  }

  /** What is known at present. */
  get services(): Iterable<Service> {
    return this.#services.values();
  }

  /** What a successor in this process needs. */
  handOver(): HandedService[] {
    return [...this.#services].map(([identity, service]) => service.handOver(identity));
  }

  /** Goes on with what a predecessor in this process has handed over, before it begins. */
  restore(services: readonly HandedService[]): void {
    for (const handed of services) {
      const service = this.#newService(handed.name);
      this.#services.set(handed.identity, service);
      service.restore(handed);
    }
  }

  /** Scans now, then whenever names change and at least every five seconds. */
  begin(): void {
    try {
      this.#names = new NameWatch(this.#host.kernel, this.#host.reactor);
      this.#names.add(this.#directoryFd, ".", () => this.#namesChanged());
    } catch (error) {
      // Without it changes are found by the next regular scan, as in the C program.
      ignoreSystemError(error);
    }
    this.scanNow();
  }

  /**
   * Begins no scan any more. The first one, if it is under way, goes on: what a killed svscan has
   * left is taken over, so that it can be ended; nothing else is started.
   *
   * @param onOver called when no more services are found; maybe at once
   */
  end(onOver: () => void): void {
    this.#cancelNext();
    this.#names?.close();
    this.#names = undefined;
    this.#onLastOver = onOver;
    if (this.#startedOnce || !this.#sweep.isUnderWay) this.#lastIsOver();
  }

  /** Scans once and sets the time for the next scan. */
  scanNow(): void {
    this.#cancelNext();
    if (this.#sweep.isUnderWay) {
      this.#isAskedAgain = true;
      return;
    }
    this.#host.children.reapAll();
    if (this.#names === undefined) this.#sweep.namesChanged();
    this.#trouble.forget(this.#host.reactor.nowMs());
    this.#findings = noFindings();
    this.#startingMs = 0;
    this.#lookFurther();
    this.#sweep.begin();
  }

  #lastIsOver(): void {
    this.#sweep.end();
    this.#allWasSeen();
    this.#onLastOver?.();
  }

  #sweepFailed(error: unknown): void {
    this.#reporter.warning(["unable to read directory"], error);
    if (this.#onLastOver !== undefined) return this.#lastIsOver();
    this.#isAskedAgain = false;
    this.#startedOnce = true;
    this.#scanWithin(SCAN_INTERVAL_MS);
  }

  #sweepDone(unseen: readonly Bytes[], tookMs: number): void {
    if (this.#onLastOver !== undefined) return this.#lastIsOver();
    const unseenNames = new Set(unseen.map(keyOf));
    for (const [identity, service] of unseenNames.size === 0 ? [] : this.#services) {
      if (unseenNames.has(keyOf(service.name))) this.#findings.seen.add(identity);
    }
    this.#startedOnce = true;
    if (unseen.length === 0) this.#allWasSeen();
    this.#lastScanTookMs = tookMs - this.#startingMs;
    this.#scanWithin(this.#isAskedAgain ? SHORTEST_RESCAN_MS : SCAN_INTERVAL_MS);
    this.#isAskedAgain = false;
    this.#forgetMissing(this.#findings);
    const nowMs = this.#host.reactor.nowMs();
    for (const sinceMs of this.#settling.values()) this.#scanWithin(sinceMs + SETTLE_MS - nowMs);
    const restMs = this.#trouble.restMs(nowMs);
    if (restMs !== undefined) this.#scanWithin(restMs);
    this.#host.kernel.collectGarbage();
  }

  /** Every pipe that was left is held when all names were visited once. */
  #onceAllIsHeld(action: () => void): void {
    if (this.#hasSeenAll) action();
    else this.#waiting.push(action);
  }

  #allWasSeen(): void {
    this.#hasSeenAll = true;
    for (const action of this.#waiting.splice(0)) action();
  }

  /** Lets the next scan come after this time at the latest; one that is due earlier stays. */
  #scanWithin(delayMs: number): void {
    const dueMs = this.#host.reactor.nowMs() + delayMs;
    if (this.#next !== undefined && this.#next.dueMs <= dueMs) return;
    this.#cancelNext();
    this.#next = this.#host.reactor.after(delayMs, () => this.scanNow());
  }

  #cancelNext(): void {
    if (this.#next !== undefined) this.#host.reactor.cancel(this.#next);
    this.#next = undefined;
  }

  #namesChanged(): void {
    this.#sweep.namesChanged();
    // A long burst of changes must not make scanning all that we do.
    this.#scanWithin(Math.max(SHORTEST_RESCAN_MS, 10 * this.#lastScanTookMs));
  }

  #newService(name: Bytes): Service {
    const onEnd = this.#onSupervisionEnd;
    return new Service(this.#host, this.#directoryFd, name, onEnd, this.#options);
  }

  #forgetMissing({ seen, settling, heldBack }: Findings): void {
    this.#settling = settling;
    this.#heldBack = heldBack;
    for (const [identity, service] of this.#services) {
      if (seen.has(identity)) continue;
      service.checkDirectoriesLater();
      if (!service.isIdle) continue;
      this.#services.delete(identity);
      this.#watches.get(service)?.end();
      this.#watches.delete(service);
      service.close();
    }
  }

  #visit(name: Bytes, findings: Findings, isLate: boolean): void {
    const { seen, settling, heldBack } = findings;
    const known = this.#known.get(name);
    if (known !== undefined && this.#isStill(name, known) && !seen.has(known.identity)) {
      seen.add(known.identity);
      return this.#keepUp(known.service, name);
    }
    let status: FileStatus;
    try {
      status = this.#host.kernel.stat(this.#directoryFd, name);
    } catch (error) {
      if (this.#trouble.has(name)) return;
      this.#trouble.add(name);
      return this.#reporter.warning(["unable to stat ", name], error);
    }
    if (status.kind !== "directory") return;
    const identity = `${status.device}:${status.inode}`;
    if (seen.has(identity)) return;
    let service = this.#services.get(identity);
    const isNew = service === undefined;
    if (service === undefined) {
      if (this.#mustWait(name, identity, findings)) {
        heldBack.add(identity);
        return;
      }
      const sinceMs = isLate ? undefined : this.#inTheMakingSince(name, identity);
      if (sinceMs !== undefined) {
        settling.set(identity, sinceMs);
        return;
      }
      service = this.#newService(name);
      this.#services.set(identity, service);
      this.#trouble.drop(name);
    }
    seen.add(identity);
    const { device, inode } = status;
    this.#known.set(name, { directory: { device, inode }, identity, service });
    const startMs = this.#host.reactor.nowMs();
    this.#keepUp(service, name);
    if (isNew) this.#startingMs += this.#host.reactor.nowMs() - startMs;
  }

  /** Whether a name leads to the service that it led to before. */
  #isStill(name: Bytes, { directory, identity, service }: Known): boolean {
    if (this.#services.get(identity) !== service) return false;
    try {
      return this.#host.kernel.leadsTo(this.#directoryFd, name, directory);
    } catch (error) {
      ignoreSystemError(error);
      return false;
    }
  }

  #keepUp(service: Service, name: Bytes): void {
    if (!service.isIncomplete || !this.#trouble.has(name)) {
      service.keepUp(name);
      if (service.isIncomplete) this.#trouble.add(name);
    }
    const { from, count, of } = this.#looks;
    // Services may have come since.
    const place = (this.#met++ - from + of) % Math.max(1, of);
    if (place < count) service.checkDirectories();
    this.#watchFor(service);
  }

  /** Goes on behind the services that the last scan has looked into. */
  #lookFurther(): void {
    const of = this.#services.size;
    const count = Math.max(LEAST_LOOKS, Math.ceil(of / SCANS_FOR_ALL));
    const from = of === 0 ? 0 : (this.#looks.from + this.#looks.count) % of;
    this.#looks = { from, count, of };
    this.#met = 0;
  }

  /** Watches for what a service lacks, if anything: its logger, or a run script. */
  #watchFor(service: Service): void {
    const names = this.#names;
    if (names === undefined) return;
    let watch = this.#watches.get(service);
    if (watch === undefined) {
      const onLog = () => this.#scanWithin(SHORTEST_RESCAN_MS);
      watch = new ServiceWatch(names, this.#directoryFd, service, onLog);
      this.#watches.set(service, watch);
    }
    watch.update();
  }

  /**
   * Whether the service of this name runs on from a directory that was removed: a second copy
   * would be in its way.
   */
  #mustWait(name: Bytes, identity: string, findings: Findings): boolean {
    if (!this.#startedOnce) return false;
    findings.running ??= this.#runningByName();
    const earlier = findings.running.get(keyOf(name));
    earlier?.checkDirectories();
    if (earlier?.isRemoved !== true) return false;
    if (!this.#heldBack.has(identity)) {
      const why = `its removed directory runs on (pid ${earlier.main?.pid}): it starts after that`;
      this.#reporter.warning([name, " was made again while the service of ", why]);
    }
    return true;
  }

  /** Of services with the same name, the one that was met first. */
  #runningByName(): Map<string, Service> {
    const running = [...this.#services.values()].filter((service) => !service.isIdle);
    return new Map(running.reverse().map((service) => [keyOf(service.name), service]));
  }

  /**
   * When a directory was first met that may not be complete yet. Only one whose making we have
   * been told of can be.
   *
   * @returns milliseconds of the monotonic clock; undefined for a directory to be taken now
   */
  #inTheMakingSince(name: Bytes, identity: string): number | undefined {
    if (!this.#startedOnce || this.#names === undefined) return undefined;
    const nowMs = this.#host.reactor.nowMs();
    const firstMs = this.#settling.get(identity);
    if (firstMs !== undefined) return nowMs - firstMs < SETTLE_MS ? firstMs : undefined;
    try {
      if (this.#host.kernel.statLink(this.#directoryFd, name).kind === "link") return undefined;
    } catch (error) {
      ignoreSystemError(error);
    }
    return nowMs;
  }
}
