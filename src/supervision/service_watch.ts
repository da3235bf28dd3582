/** Watches the directories of one service for what it lacks. */

import { type Bytes, concat, encode, equalBytes } from "../base/bytes.ts";
import type { NameWatch } from "./name_watch.ts";
import type { Service } from "./service.ts";
import type { Supervisor } from "./supervisor.ts";

const RUN = encode("run");
const LOG = encode("log");
/** So many other names may change between two scans. */
const MOST_OTHERS = 200;

/**
 * A service that has a logger, and whose run scripts can be executed, is not watched: it may have
 * much to do in its directory that is no affair of ours. Where another one has that, its directory
 * is not watched again before the next scan.
 */
export class ServiceWatch {
  readonly #names: NameWatch;
  readonly #at: number;
  readonly #service: Service;
  readonly #onLog: () => void;
  #main: number | undefined;
  #log: number | undefined;
  /** How many other names have changed since the last scan. */
  #others = 0;

  /**
   * @param at the directory that holds the service
   * @param onLog called when the service may have a logger now
   */
  constructor(names: NameWatch, at: number, service: Service, onLog: () => void) {
    this.#names = names;
    this.#at = at;
    this.#service = service;
    this.#onLog = onLog;
  }

  /** Watches what is to be watched now, and nothing else; to be called at each scan. */
  update(): void {
    this.#others = 0;
    const { main, log, hasLogger, name } = this.#service;
    const needsMain = !hasLogger || main?.isFailing === true;
    const needsLog = log?.isFailing === true;
    if (needsMain === (this.#main !== undefined) && needsLog === (this.#log !== undefined)) return;
    const onMain = (names: readonly Bytes[] | undefined) => {
      if (!this.#service.hasLogger && isAmong(LOG, names)) this.#onLog();
      tryRun(this.#service.main, names);
      this.#noteOthers(names);
    };
    this.#main = this.#keep(this.#main, needsMain, name, onMain);
    const onLog = (names: readonly Bytes[] | undefined) => {
      tryRun(this.#service.log, names);
      this.#noteOthers(names);
    };
    this.#log = this.#keep(this.#log, needsLog, concat(name, "/log"), onLog);
  }

  /** Watches nothing, until the next update if there is one. */
  end(): void {
    for (const watch of [this.#main, this.#log]) {
      if (watch !== undefined) this.#names.remove(watch);
    }
    this.#main = undefined;
    this.#log = undefined;
  }

  #noteOthers(names: readonly Bytes[] = []): void {
    this.#others += names.filter((name) => !equalBytes(name, RUN) && !equalBytes(name, LOG)).length;
    if (this.#others > MOST_OTHERS) this.end();
  }

  #keep(
    watch: number | undefined,
    isNeeded: boolean,
    path: Bytes,
    onNames: (names: readonly Bytes[] | undefined) => void,
  ): number | undefined {
    if (isNeeded) return watch ?? this.#names.add(this.#at, path, onNames);
    if (watch !== undefined) this.#names.remove(watch);
    return undefined;
  }
}

function tryRun(supervisor: Supervisor | undefined, names: readonly Bytes[] | undefined): void {
  if (isAmong(RUN, names)) supervisor?.runChanged();
}

function isAmong(name: Bytes, names: readonly Bytes[] | undefined): boolean {
  return names === undefined || names.some((each) => equalBytes(each, name));
}
