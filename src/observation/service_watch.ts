/**
 * Tells when a service may have changed, without asking again and again: inotify on its
 * `supervise` directory, and on what is above, for a service or a supervisor that comes later.
 *
 * A watch is set before the service is looked at, so that nothing happens unseen in between.
 */

import { decode } from "../base/bytes.ts";
import { ignoreSystemError } from "../base/system_error.ts";
import type { Reactor } from "../reactor/reactor.ts";
import type { ChangeWatcher, Kernel } from "../system/kernel.ts";
import type { ServicePlace } from "./observe.ts";

/** What is needed to watch. */
export interface WatchHost {
  /** Makes the watcher. */
  readonly kernel: Pick<Kernel, "newChangeWatcher">;
  /** Where it is waited for. */
  readonly reactor: Pick<Reactor, "watch" | "unwatch">;
}

/** Names in `supervise` that change without anything to tell, or because somebody looks. */
const SILENT = new Set(["ok", "lock", "status.new", "history.new"]);

interface Subscription {
  readonly place: ServicePlace;
  readonly onChange: () => void;
}

interface WatchedDirectory {
  /** Which names are of interest to whom. */
  readonly subscriptions: Map<Subscription, (name: string) => boolean>;
}

/** Watches services. */
export class ServiceWatch {
  readonly #host: WatchHost;
  readonly #watcher: ChangeWatcher;
  readonly #directories = new Map<number, WatchedDirectory>();
  readonly #all = new Set<Subscription>();
  readonly #byPath = new Map<string, Subscription>();

  /** @throws {SystemError} when this user watches too much already */
  constructor(host: WatchHost) {
    this.#host = host;
    this.#watcher = host.kernel.newChangeWatcher();
    host.reactor.watch(this.#watcher.fd, () => this.#take());
  }

  /**
   * Watches a service from now on.
   *
   * @param onChange called after something may have changed; never from within this call
   * @throws {SystemError} when there are too many watches
   */
  add(place: ServicePlace, onChange: () => void): void {
    const subscription = { place, onChange };
    this.#all.add(subscription);
    this.#attach(subscription);
  }

  /**
   * Watches a directory: names that come and go, files written to. One that is watched already, or
   * was replaced by another of its name, may be given again.
   *
   * @param onChange told the name; called before anything else is looked at
   */
  addDirectory(path: string, onChange: (name: string) => void): void {
    const place = { name: path, path, supervisePath: path };
    const subscription = this.#byPath.get(path) ?? { place, onChange: () => {} };
    this.#byPath.set(path, subscription);
    this.#watch(subscription, path, (name) => {
      onChange(name);
      return false;
    }, true);
  }

  /** Stops watching. */
  close(): void {
    this.#host.reactor.unwatch(this.#watcher.fd);
    this.#watcher.close();
    this.#directories.clear();
    this.#all.clear();
  }

  #attach(subscription: Subscription): void {
    const { path, supervisePath } = subscription.place;
    const [, parent = "/", name = ""] = /^(.*)\/([^/]+)$/.exec(path) ?? [];
    const [, above = "/", own = ""] = /^(.*)\/([^/]+)$/.exec(supervisePath) ?? [];
    this.#watch(subscription, parent || "/", (each) => each === name);
    this.#watch(subscription, path, (each) => each === "down" || each === "log");
    this.#watch(subscription, above || "/", (each) => each === own);
    this.#watch(subscription, supervisePath, (each) => !SILENT.has(each));
  }

  #watch(
    subscription: Subscription,
    path: string,
    holds: (name: string) => boolean,
    replaces = false,
  ): void {
    try {
      const watch = this.#watcher.add(path);
      const directory = this.#directories.get(watch) ?? { subscriptions: new Map() };
      this.#directories.set(watch, directory);
      const before = directory.subscriptions.get(subscription);
      const either = before === undefined || replaces
        ? holds
        : (name: string) => before(name) || holds(name);
      directory.subscriptions.set(subscription, either);
    } catch (error) {
      // It is not there yet: the directory above tells when it comes.
      ignoreSystemError(error);
    }
  }

  #take(): void {
    const changed = new Set<Subscription>();
    for (const { watch, name } of this.#watcher.read()) {
      if (watch === -1) this.#lost(changed);
      const text = decode(name);
      for (const [subscription, holds] of this.#directories.get(watch)?.subscriptions ?? []) {
        if (text === "" || holds(text)) changed.add(subscription);
      }
    }
    // Directories may have come or been replaced; one that is watched already stays so.
    for (const subscription of changed) this.#reattach(subscription);
    for (const subscription of changed) subscription.onChange();
  }

  /** Too much happened at once: everything may have changed. */
  #lost(changed: Set<Subscription>): void {
    for (const each of this.#all) changed.add(each);
    for (const { subscriptions } of this.#directories.values()) {
      for (const [subscription, holds] of subscriptions) {
        if (!this.#all.has(subscription)) holds("");
      }
    }
  }

  #reattach(subscription: Subscription): void {
    if (!this.#all.has(subscription)) return;
    for (const { subscriptions } of this.#directories.values()) subscriptions.delete(subscription);
    this.#attach(subscription);
  }
}
