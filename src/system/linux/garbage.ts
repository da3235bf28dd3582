/** Garbage of the runtime, in a program that runs for years. */

import { mallocH } from "../../libc/malloc_h.ts";

/** So much more than what was in use, in bytes and as a share of it, is worth the time. */
const LEAST_GROWTH = 2 ** 18;
const LEAST_SHARE = 0.2;
/** The same at rest, where the share does not count. */
const LEAST_GROWTH_AT_REST = 2 ** 17;
/** A heap that is larger is left to the runtime while there is work: 20 ms for it are enough. */
const LARGEST_HEAP = 20 * 2 ** 20;
/** The same at rest, when nobody waits for it. */
const LARGEST_HEAP_AT_REST = 24 * 2 ** 20;
/** A heap that is larger is not collected thoroughly: that takes three times as long, 30 ms here. */
const LARGEST_THOROUGH_HEAP = 10 * 2 ** 20;

/** How V8 collects garbage when it has run out of memory: until no more is found, and compactly. */
const THOROUGHLY = { type: "major", flavor: "last-resort" };

/**
 * Makes what collects garbage when there is much. By itself the runtime lets its heap grow to many
 * times what is in use before it does. What is left then lies scattered in many pages, which only a
 * thorough collection gives back.
 *
 * @returns does nothing where the executable was compiled without `--expose-gc`
 */
export function garbageCollector(): (isAtRest?: boolean) => void {
  let usedBytes = 0;
  let isScattered = false;
  return (isAtRest = false) => {
    const gc: unknown = Reflect.get(globalThis, "gc");
    if (typeof gc !== "function") return;
    const { heapUsed } = Deno.memoryUsage();
    if (heapUsed > (isAtRest ? LARGEST_HEAP_AT_REST : LARGEST_HEAP)) return;
    const leastGrowth = isAtRest
      ? LEAST_GROWTH_AT_REST
      : Math.max(LEAST_GROWTH, LEAST_SHARE * usedBytes);
    const mayBeThorough = isAtRest && heapUsed <= LARGEST_THOROUGH_HEAP;
    if (heapUsed - usedBytes < leastGrowth && !(mayBeThorough && isScattered)) return;
    if (mayBeThorough) gc(THOROUGHLY);
    else gc();
    isScattered = !mayBeThorough;
    mallocH.malloc_trim(0n);
    usedBytes = Deno.memoryUsage().heapUsed;
  };
}
