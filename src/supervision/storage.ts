/**
 * Keeps one sick disk from stopping every service: on a file system that is frozen, or whose server
 * is gone, any call may hang. So before a service's files are touched, a helper thread looks whether
 * their file system answers; what touches them waits until that has come back. Others do not wait.
 *
 * What waits for the same file system shares one look, and is done in its order.
 */

import type { Reactor, Urgency } from "../reactor/reactor.ts";
import type { Kernel, Path } from "../system/kernel.ts";

/**
 * So many looks may hang. The runtime has 32 threads; one of them waits for everything else, and
 * logs that are written by this process need some. With more file systems sick than that, more
 * waits than must.
 */
const MOST_LOOKS = 24;

/** An open file, and the device that it is on. */
export interface StoredFile {
  /** Open for writing, as long as anything waits for it. */
  readonly fd: number;
  /** The number of its file system. */
  readonly device: number;
}

/** Something that is found by a path. */
export interface StoredPath {
  /** The directory descriptor that `path` is relative to. */
  readonly at: number;
  /** Where it is. */
  readonly path: Path;
  /** What shares a look: paths that lead to the same file system, as far as can be known. */
  readonly group: string;
}

/** What waits for a look. */
interface Waiting {
  readonly action: () => void;
  readonly urgency: Urgency;
}

/** Where files of services are. */
export interface Storage {
  /** Whether nothing waits. */
  readonly isIdle: boolean;
  /**
   * Calls `action` once the device of an open file takes changes.
   *
   * @param urgency what of all that then can be done is done first; `soon` if absent
   */
  whenReady(file: StoredFile, action: () => void, urgency?: Urgency): void;
  /** Calls `action` once a path can be walked and what is there takes changes, if it is there. */
  whenReached(path: StoredPath, action: () => void): void;
}

/** What is needed to look. */
export type LookingKernel = Pick<Kernel, "touchLater" | "statLater" | "renameToItselfLater">;

/** Looks at file systems by helper threads: one look at a time for each. */
export class DeviceQueues implements Storage {
  readonly #kernel: LookingKernel;
  readonly #reactor: Reactor;
  /** What waits for a look that is under way, or wanted, by what is looked at. */
  readonly #waiting = new Map<number | string, Waiting[]>();
  /** Looks that wait until fewer are under way. */
  readonly #wanted: (() => void)[] = [];
  #looks = 0;
  /** How many actions have not begun. */
  #pending = 0;

  constructor(kernel: LookingKernel, reactor: Reactor) {
    this.#kernel = kernel;
    this.#reactor = reactor;
  }

  get isIdle(): boolean {
    return this.#pending === 0;
  }

  whenReady({ fd, device }: StoredFile, action: () => void, urgency: Urgency = "soon"): void {
    this.#wait(device, () => this.#kernel.touchLater(fd), { action, urgency });
  }

  whenReached({ at, path, group }: StoredPath, action: () => void): void {
    const look = async () => {
      await this.#kernel.statLater(at, path);
      await this.#kernel.renameToItselfLater(at, path);
    };
    this.#wait(group, look, { action, urgency: "now" });
  }

  #wait(key: number | string, look: () => Promise<void>, one: Waiting): void {
    this.#pending++;
    const waiting = this.#waiting.get(key);
    if (waiting !== undefined) {
      waiting.push(one);
      return;
    }
    this.#waiting.set(key, [one]);
    const begin = () => this.#look(key, look);
    if (this.#looks < MOST_LOOKS) begin();
    else this.#wanted.push(begin);
  }

  #look(key: number | string, look: () => Promise<void>): void {
    this.#looks++;
    const done = () => {
      this.#looks--;
      const waiting = this.#waiting.get(key)!;
      this.#waiting.delete(key);
      for (const each of waiting) this.#post(each);
      this.#wanted.shift()?.();
    };
    // Whatever is wrong with the file, who uses it says so.
    look().then(done, done);
  }

  #post({ action, urgency }: Waiting): void {
    this.#reactor.defer(() => {
      this.#pending--;
      action();
    }, urgency);
  }
}
