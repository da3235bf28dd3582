/**
 * Visits every name in the directory of services, without touching a file system that does not
 * answer. Names are visited by the file systems that they lead to; one that is sick is left out
 * until it answers, and then visited in a sweep of its own accord.
 */

import { type Bytes, concat } from "../base/bytes.ts";
import type { Reporter } from "../base/messages.ts";
import type { Timestamp } from "../base/tai64n.ts";
import type { Timer } from "../reactor/reactor.ts";
import type { SupervisionHost } from "./host.ts";
import { MountGroups } from "./mount_groups.ts";

/** After so long, in milliseconds, a sweep lets others have their turn: starting takes its time. */
const SLICE_MS = 5;
/** When no file system has answered for so long, in milliseconds, those that are left are sick. */
const LONGEST_LOOK_MS = 2000;
const DOT = 0x2e;
const HERE = ".";

/** Who is told of the names. */
export interface SweepVisitor {
  /**
   * Told of a name, dot files left out.
   *
   * @param isLate whether its file system has answered late: what is there was made long ago
   */
  visit(name: Bytes, isLate: boolean): void;
  /**
   * Told that all were visited.
   *
   * @param unseen those that could not be
   * @param tookMs how long visiting took, in milliseconds
   */
  done(unseen: readonly Bytes[], tookMs: number): void;
  /** Told that the names cannot be read, instead. */
  failed(error: unknown): void;
  /** Told that a file system answers again: it is time for the next sweep. */
  recovered(): void;
}

/** Names of one sweep whose services are on one file system. */
interface Part {
  /** What tells it from others. */
  readonly group: string;
  /** The names. */
  readonly names: readonly Bytes[];
  /** How many of them were visited. */
  visited: number;
  /** See {@linkcode SweepVisitor.visit}. */
  isLate: boolean;
}

/** Names that are being divided by file systems. */
interface Division {
  /** All of them. */
  readonly names: readonly Bytes[];
  /** Which is next. */
  next: number;
  /** Those before it, by group. */
  readonly divided: Map<string, Bytes[]>;
}

/** A sweep that is under way. */
interface Sweep {
  /** What is left to visit, by group. */
  readonly parts: Map<string, Part>;
  /** How long visiting has taken, in milliseconds. */
  tookMs: number;
}

/** Sweeps through one directory, one after another. */
export class NameSweep {
  readonly #host: SupervisionHost;
  readonly #reporter: Reporter;
  readonly #directoryFd: number;
  readonly #visitor: SweepVisitor;
  readonly #groups: MountGroups;
  #haveNamesChanged = true;
  /** When the directory had changed last, as the names were read. */
  #readAt: Timestamp | undefined;
  /** The names as they were divided last, by group: the same ones for as long as they hold. */
  #divided: ReadonlyMap<string, readonly Bytes[]> = new Map();
  /** The file systems that do not answer, by group. */
  readonly #sick = new Set<string>();
  /** Those that have answered late: they are not asked again before their names are visited. */
  readonly #recovered = new Set<string>();
  #sweep: Sweep | undefined;
  #giveUp: Timer | undefined;
  #hasEnded = false;

  /** @param directoryFd the directory of services */
  constructor(
    host: SupervisionHost,
    reporter: Reporter,
    directoryFd: number,
    visitor: SweepVisitor,
  ) {
    this.#host = host;
    this.#reporter = reporter;
    this.#directoryFd = directoryFd;
    this.#visitor = visitor;
    this.#groups = new MountGroups(host.kernel, directoryFd);
  }

  /** Whether one is under way. */
  get isUnderWay(): boolean {
    return this.#sweep !== undefined;
  }

  /** Told that a name may lead elsewhere than before. */
  namesChanged(): void {
    this.#haveNamesChanged = true;
  }

  /** Begins a sweep, while none is under way. */
  begin(): void {
    if (this.#hasEnded) return;
    const sweep = { parts: new Map<string, Part>(), tookMs: 0 };
    this.#sweep = sweep;
    const place = { at: this.#directoryFd, path: HERE, group: HERE };
    this.#host.storage.whenReached(place, () => {
      if (this.#sweep === sweep) this.#visitAll(sweep);
    });
  }

  /** Ends the sweep that is under way, and begins none any more. */
  end(): void {
    this.#hasEnded = true;
    this.#stop();
  }

  #stop(): void {
    this.#sweep = undefined;
    if (this.#giveUp !== undefined) this.#host.reactor.cancel(this.#giveUp);
  }

  #visitAll(sweep: Sweep): void {
    let names: readonly Bytes[] | undefined;
    try {
      names = this.#changedNames();
    } catch (error) {
      this.#stop();
      this.#visitor.failed(error);
      return;
    }
    if (names === undefined) this.#visitParts(sweep);
    else this.#divide(sweep, { names, next: 0, divided: new Map() });
  }

  /** The names, where one may lead to another file system than before. */
  #changedNames(): readonly Bytes[] | undefined {
    const { kernel } = this.#host;
    const { modified } = kernel.fileTimes(this.#directoryFd, HERE);
    const isAsRead = modified.seconds === this.#readAt?.seconds &&
      modified.nanoseconds === this.#readAt.nanoseconds;
    if (!this.#groups.refresh(this.#haveNamesChanged || !isAsRead)) return undefined;
    const names = kernel.readDirectory(this.#directoryFd, HERE);
    this.#readAt = modified;
    this.#haveNamesChanged = false;
    return names.filter(([first]) => first !== DOT);
  }

  /** Divides some more names by file systems, and visits them when all are divided. */
  #divide(sweep: Sweep, division: Division): void {
    if (this.#sweep !== sweep) return;
    const { reactor } = this.#host;
    const { names, divided } = division;
    const startMs = reactor.nowMs();
    while (division.next < names.length && reactor.nowMs() < startMs + SLICE_MS) {
      const name = names[division.next++]!;
      const group = this.#groups.groupOf(name);
      const others = divided.get(group);
      if (others !== undefined) others.push(name);
      else divided.set(group, [name]);
    }
    if (division.next < names.length) {
      reactor.after(0, () => this.#divide(sweep, division));
      return;
    }
    this.#divided = divided;
    this.#visitParts(sweep);
  }

  #visitParts(sweep: Sweep): void {
    for (const [group, names] of this.#divided) {
      sweep.parts.set(group, { group, names, visited: 0, isLate: false });
    }
    this.#waitForAnswers(sweep);
    for (const part of [...sweep.parts.values()]) {
      if (!this.#sick.has(part.group)) this.#goOn(sweep, part);
    }
    this.#endIfDone(sweep);
  }

  /** Visits some more names of a part, once their file system answers. */
  #goOn(sweep: Sweep, part: Part): void {
    if (this.#sweep !== sweep) return;
    const { group, names, visited } = part;
    if (this.#recovered.delete(group)) {
      part.isLate = true;
      this.#visitSome(sweep, part);
      return;
    }
    const path = concat(names[visited]!, "/run");
    this.#host.storage.whenReached({ at: this.#directoryFd, path, group }, () => {
      if (this.#sweep === sweep) this.#visitSome(sweep, part);
      if (this.#sick.has(group)) this.#answered(group);
    });
  }

  #visitSome(sweep: Sweep, part: Part): void {
    const { names, isLate } = part;
    const startMs = this.#host.reactor.nowMs();
    try {
      do this.#visitor.visit(names[part.visited++]!, isLate); while (
        part.visited < names.length && this.#host.reactor.nowMs() < startMs + SLICE_MS
      );
    } finally {
      sweep.tookMs += this.#host.reactor.nowMs() - startMs;
      if (part.visited < names.length) this.#host.reactor.after(0, () => this.#goOn(sweep, part));
      else sweep.parts.delete(part.group);
      this.#waitForAnswers(sweep);
      this.#endIfDone(sweep);
    }
  }

  #waitForAnswers(sweep: Sweep): void {
    const { reactor } = this.#host;
    if (this.#giveUp !== undefined) reactor.cancel(this.#giveUp);
    this.#giveUp = reactor.after(LONGEST_LOOK_MS, () => {
      for (const group of sweep.parts.keys()) this.#fellIll(group);
      this.#endIfDone(sweep);
    });
  }

  /** Ends a sweep of which nothing is left but what does not answer. */
  #endIfDone(sweep: Sweep): void {
    const left = [...sweep.parts.values()];
    if (this.#sweep !== sweep || left.some(({ group }) => !this.#sick.has(group))) return;
    this.#stop();
    this.#visitor.done(left.flatMap(({ names }) => names), sweep.tookMs);
  }

  #fellIll(group: string): void {
    if (this.#sick.has(group)) return;
    this.#sick.add(group);
    const what = ["the file system ", group, " does not answer: what is there has to wait"];
    this.#reporter.warning(what);
  }

  #answered(group: string): void {
    this.#sick.delete(group);
    this.#recovered.add(group);
    this.#reporter.warning(["the file system ", group, " answers again"]);
    if (!this.#hasEnded) this.#visitor.recovered();
  }
}
