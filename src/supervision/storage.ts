/**
 * Keeps one sick disk from stopping every service: on a file system that is frozen, or whose server
 * is gone, any call may hang. So before a service's event touches its files, a helper thread touches
 * one of them; the event waits until that has come back. Other devices do not wait.
 *
 * What waits for the same device shares one look, and is done in its order.
 */

import type { Host } from "../reactor/host.ts";
import type { Reactor } from "../reactor/reactor.ts";
import type { Kernel } from "../system/kernel.ts";

/** An open file, and the device that it is on. */
export interface StoredFile {
  /** Open for writing, as long as anything waits for it. */
  readonly fd: number;
  /** The number of its file system. */
  readonly device: number;
}

/** Where files of services are. */
export interface Storage {
  /** Whether nothing waits. */
  readonly isIdle: boolean;
  /** Calls `action` once the device of a file answers. */
  whenReady(file: StoredFile, action: () => void): void;
}

/** Looks at devices by helper threads: one look at a time for each. */
export class DeviceQueues implements Storage {
  readonly #kernel: Pick<Kernel, "touchLater">;
  readonly #reactor: Reactor;
  /** What waits for a look that is under way, by device. */
  readonly #waiting = new Map<number, (() => void)[]>();
  /** How many actions have not begun. */
  #pending = 0;

  constructor(kernel: Pick<Kernel, "touchLater">, reactor: Reactor) {
    this.#kernel = kernel;
    this.#reactor = reactor;
  }

  get isIdle(): boolean {
    return this.#pending === 0;
  }

  whenReady({ fd, device }: StoredFile, action: () => void): void {
    this.#pending++;
    const waiting = this.#waiting.get(device);
    if (waiting !== undefined) {
      waiting.push(action);
      return;
    }
    const actions = [action];
    this.#waiting.set(device, actions);
    const done = () => {
      this.#waiting.delete(device);
      for (const each of actions) this.#post(each);
    };
    // Whatever is wrong with the file, who writes to it says so.
    this.#kernel.touchLater(fd).then(done, done);
  }

  #post(action: () => void): void {
    this.#reactor.post(() => {
      this.#pending--;
      action();
    });
  }
}

/** An engine's host that knows where files of services are. */
export function withStorage<H extends Host>(host: H): H & { readonly storage: Storage } {
  return { ...host, storage: new DeviceQueues(host.kernel, host.reactor) };
}
