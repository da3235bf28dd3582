/**
 * Names with which there was trouble lately. It is told, and tried again, every few seconds and no
 * more often, as in the C program, however often a scan is asked for.
 */

import type { Bytes } from "../base/bytes.ts";

/** The names of some seconds. */
export class RecentTrouble {
  readonly #lifeMs: number;
  readonly #names = new Set<string>();
  #sinceMs = -Infinity;

  /** @param lifeMs after so many milliseconds all is forgotten */
  constructor(lifeMs: number) {
    this.#lifeMs = lifeMs;
  }

  /** Forgets what is to be tried again. To be called before each scan. */
  forget(nowMs: number): void {
    if (nowMs < this.#sinceMs + this.#lifeMs) return;
    this.#sinceMs = nowMs;
    this.#names.clear();
  }

  /** Takes note of trouble. */
  add(name: Bytes): void {
    this.#names.add(keyOf(name));
  }

  /** Forgets a name, which stands for something else now. */
  drop(name: Bytes): void {
    this.#names.delete(keyOf(name));
  }

  /** Whether there was trouble with a name. */
  has(name: Bytes): boolean {
    return this.#names.size > 0 && this.#names.has(keyOf(name));
  }

  /** How long it is until something is to be tried again, in milliseconds; undefined: nothing is. */
  restMs(nowMs: number): number | undefined {
    return this.#names.size === 0 ? undefined : this.#sinceMs + this.#lifeMs - nowMs;
  }
}

/** Names need not be text. */
export function keyOf(name: Bytes): string {
  return String.fromCharCode(...name);
}
