/** What a chain of programs leaves to the last of them. */

import { RLIMIT } from "../base/kernel_constants.ts";
import type { Bequest, Kernel, SpawnPlan } from "../system/kernel.ts";

/**
 * A kernel with more to leave to programs that are run. It does so by itself for what is started
 * in a new process.
 */
export function bequeath(kernel: Kernel, more: Partial<Bequest>): Kernel {
  return bequeathOnly(kernel, join(kernel.bequest, more));
}

/** One bequest after another, in which the same things may be. */
function join(first: Partial<Bequest> = {}, second: Partial<Bequest> = {}): Bequest {
  return {
    limits: [...new Set([...first.limits ?? [], ...second.limits ?? []])],
    descriptors: [...new Set([...first.descriptors ?? [], ...second.descriptors ?? []])],
  };
}

/** What the runtime needs of memory, and threads, may be far more than a chain allows. */
const TOO_TIGHT: readonly number[] = [RLIMIT.AS, RLIMIT.DATA, RLIMIT.STACK, RLIMIT.NPROC];
/** The runtime's own descriptors, and some for a program. */
const MIN_DESCRIPTORS = 64n;

/**
 * A kernel for a program of the suite that goes on in this process. The limits left to it take
 * effect now, but for those that the runtime could not live with: these stay for programs that it
 * becomes or starts.
 */
export function holdBackLimits(kernel: Kernel): Kernel {
  if (kernel.bequest === undefined) return kernel;
  const isTight = ({ resource, limit }: Bequest["limits"][number]): boolean =>
    TOO_TIGHT.includes(resource) || (resource === RLIMIT.NOFILE && limit.soft < MIN_DESCRIPTORS);
  for (const each of kernel.bequest.limits) {
    if (!isTight(each)) kernel.setLimit(each.resource, each.limit);
  }
  const limits = kernel.bequest.limits.filter(isTight);
  return bequeathOnly(kernel, { limits, descriptors: kernel.bequest.descriptors });
}

function bequeathOnly(kernel: Kernel, bequest: Bequest): Kernel {
  const spawn = (plan: SpawnPlan) =>
    kernel.spawn({ ...plan, bequest: join(bequest, plan.bequest) });
  return { ...kernel, bequest, spawn };
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
