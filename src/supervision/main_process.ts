/**
 * The process that is the service. At first it is `./run`; a service with a notify socket can name
 * another one in its place. The earlier one may then end, which a daemon does that goes to the
 * background; but if it has not when the main process ends, it is told to, and the service has ended
 * when both have: a second copy beside the first is not wanted.
 */

import type { OnProcessEnd, ServiceProcess } from "./service_process.ts";

/** What a main process tells. */
export interface MainProcessCalls {
  /** A process has ended: the last moment to hear what it said. */
  readonly hear: () => void;
  /** The main process has ended, and an earlier one is to be told to. */
  readonly endEarlier: () => void;
  /** All have ended. */
  readonly onEnd: OnProcessEnd;
}

/** How the main process of a service ended, with its process id. */
interface MainEnd {
  readonly pid: number;
  readonly waitStatus: number | undefined;
}

/** Makes a process; undefined when it has ended already. */
type Make<T extends ServiceProcess | undefined> = (onEnd: OnProcessEnd) => T;

/** The main process of one service, and those before it. */
export class MainProcess {
  readonly #calls: MainProcessCalls;
  #main: ServiceProcess | undefined;
  #end: MainEnd | undefined;
  #earlier: readonly ServiceProcess[] = [];

  /** Makes one without a process. */
  constructor(calls: MainProcessCalls) {
    this.#calls = calls;
  }

  /**
   * Begins with a process.
   *
   * @param make makes it
   * @returns whether it runs
   * @throws what `make` throws
   */
  begin(make: Make<ServiceProcess | undefined>): boolean {
    this.clear();
    this.#main = this.#made(make);
    return this.#main !== undefined;
  }

  /**
   * Has another process take its place.
   *
   * @returns whether that runs
   * @throws what `make` throws
   */
  replace(make: Make<ServiceProcess | undefined>): boolean {
    const before = this.#main;
    const next = this.#made(make);
    if (next === undefined || before === undefined) return false;
    this.#earlier = [...this.#earlier, before];
    this.#main = next;
    return true;
  }

  /** Goes on with a process that was the main one for a predecessor in this process. */
  keepEarlier(make: Make<ServiceProcess>): void {
    this.#earlier = [...this.#earlier, this.#made(make)!];
  }

  /** Forgets all that has ended. */
  clear(): void {
    this.#main = undefined;
    this.#end = undefined;
    this.#earlier = [];
  }

  /** Whether there is one. */
  get isThere(): boolean {
    return this.#main !== undefined;
  }

  /** The process id to show; 0 without one. */
  get pid(): number {
    const [running] = this.#running();
    return running?.pid ?? this.#main?.pid ?? 0;
  }

  /** The process id that the main process has, or had. */
  get mainPid(): number {
    return this.#end?.pid ?? this.#main?.pid ?? 0;
  }

  /** Process ids of children of ours that were the main process before. */
  get earlierPids(): number[] {
    return this.#earlier.filter(({ kind }) => kind === "started").map(({ pid }) => pid);
  }

  /** Where the main process comes from. */
  get kind(): ServiceProcess["kind"] | undefined {
    return this.#main?.kind;
  }

  /** How many descriptors are open for that. */
  get descriptorCount(): number {
    const all = [this.#main, ...this.#earlier];
    return all.filter((each) => each?.kind === "adopted").length;
  }

  /**
   * Sends a signal to the main process, or if that has ended, to the earlier ones.
   *
   * @param toGroup as for {@linkcode ServiceProcess.signal}
   * @throws {SystemError} when the signal may not be sent
   */
  signal(number: number, toGroup: boolean): void {
    for (const process of this.#running()) process.signal(number, toGroup);
  }

  #running(): readonly ServiceProcess[] {
    if (this.#end !== undefined) return this.#earlier;
    return this.#main === undefined ? [] : [this.#main];
  }

  #made<T extends ServiceProcess | undefined>(make: Make<T>): T {
    const process: T = make((waitStatus) => this.#ended(process!, waitStatus));
    return process;
  }

  #ended(process: ServiceProcess, waitStatus: number | undefined): void {
    // It may have named another one with its last words.
    if (process === this.#main) this.#calls.hear();
    if (process === this.#main) this.#end = { pid: process.pid, waitStatus };
    else this.#earlier = this.#earlier.filter((each) => each !== process);
    if (this.#end === undefined) return;
    if (this.#earlier.length === 0) this.#calls.onEnd(this.#end.waitStatus);
    else if (process === this.#main) this.#calls.endEarlier();
  }
}
