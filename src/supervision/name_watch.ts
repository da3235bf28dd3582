/** Notices names that come and go in many directories, by one inotify instance for all. */

import type { Bytes } from "../base/bytes.ts";
import { ignoreSystemError } from "../base/system_error.ts";
import type { Reactor } from "../reactor/reactor.ts";
import type { ChangeWatcher, Kernel, Path } from "../system/kernel.ts";

/** Called with the names that changed; with undefined when any may have. */
type OnNames = (names: readonly Bytes[] | undefined) => void;

/** The directories that are watched. */
export class NameWatch {
  readonly #reactor: Reactor;
  readonly #watcher: ChangeWatcher;
  readonly #handlers = new Map<number, OnNames>();

  /**
   * @throws {SystemError} when the system grants no more of them
   */
  constructor(kernel: Pick<Kernel, "newChangeWatcher">, reactor: Reactor) {
    this.#reactor = reactor;
    this.#watcher = kernel.newChangeWatcher();
    try {
      reactor.watch(this.#watcher.fd, () => this.#read());
    } catch (error) {
      this.#watcher.close();
      throw error;
    }
  }

  /**
   * Watches a directory.
   *
   * @param at the directory descriptor that `path` is relative to
   * @returns a number for `remove`; undefined when it cannot be watched
   */
  add(at: number, path: Path, onNames: OnNames): number | undefined {
    try {
      const watch = this.#watcher.addNames(at, path);
      this.#handlers.set(watch, onNames);
      return watch;
    } catch (error) {
      // Then changes are found by the regular scan.
      ignoreSystemError(error);
      return undefined;
    }
  }

  /** Stops watching a directory; one that is gone may be given too. */
  remove(watch: number): void {
    this.#handlers.delete(watch);
    this.#watcher.remove(watch);
  }

  /** Stops watching everything. */
  close(): void {
    this.#reactor.unwatch(this.#watcher.fd);
    this.#watcher.close();
  }

  #read(): void {
    const changed = new Map<number, Bytes[]>();
    for (const { watch, name } of this.#watcher.read()) {
      if (watch < 0) return this.#tellAll();
      const names = changed.get(watch);
      if (names === undefined) changed.set(watch, [name]);
      else names.push(name);
    }
    for (const [watch, names] of changed) this.#handlers.get(watch)?.(names);
  }

  #tellAll(): void {
    for (const onNames of [...this.#handlers.values()]) onNames(undefined);
  }
}
