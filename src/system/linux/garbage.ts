/** Garbage of the runtime, in a program that runs for years. */

import { mallocH } from "../../libc/malloc_h.ts";

/** So much more than what was in use, in bytes and as a share of it, is worth the time. */
const LEAST_GROWTH = 2 ** 20;
const LEAST_SHARE = 0.2;
/** A heap that is larger is left to the runtime, which collects it in steps: at once is too long. */
const LARGEST_HEAP = 24 * 2 ** 20;

/**
 * Makes what collects garbage when there is much. By itself the runtime lets its heap grow to many
 * times what is in use before it does.
 *
 * @returns does nothing where the executable was compiled without `--expose-gc`
 */
export function garbageCollector(): () => void {
  let usedBytes = 0;
  return () => {
    const gc: unknown = Reflect.get(globalThis, "gc");
    if (typeof gc !== "function") return;
    const { heapUsed } = Deno.memoryUsage();
    if (heapUsed > LARGEST_HEAP) return;
    if (heapUsed - usedBytes < Math.max(LEAST_GROWTH, LEAST_SHARE * usedBytes)) return;
    gc();
    mallocH.malloc_trim(0n);
    usedBytes = Deno.memoryUsage().heapUsed;
  };
}
