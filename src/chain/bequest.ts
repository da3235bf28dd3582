/** What a chain of programs leaves to the last of them. */

import type { Bequest, Kernel } from "../system/kernel.ts";

/**
 * A kernel with more to leave to programs that are run. It does so by itself for what is started
 * in a new process.
 */
export function bequeath(kernel: Kernel, more: Partial<Bequest>): Kernel {
  const bequest: Bequest = {
    limits: [...kernel.bequest?.limits ?? [], ...more.limits ?? []],
    descriptors: [...kernel.bequest?.descriptors ?? [], ...more.descriptors ?? []],
  };
  return { ...kernel, bequest, spawn: (plan) => kernel.spawn({ bequest, ...plan }) };
}

/**
 * The numbers that a program which we become, and which opened descriptors, would get: the lowest
 * that our caller did not use. The runtime's own descriptors are not there for it.
 *
 * @param count how many
 */
export function lowestFreeDescriptors(kernel: Kernel, count: number): number[] {
  const taken = new Set(kernel.inheritedDescriptors());
  for (const { to } of kernel.bequest?.descriptors ?? []) taken.add(to);
  const free: number[] = [];
  for (let fd = 0; free.length < count; fd++) if (!taken.has(fd)) free.push(fd);
  return free;
}
