/**
 * Exec attributes: limits and descriptors that programs which we become or start are to have,
 * though this process does not have them itself. A chain collects them for its last program.
 */

import { RLIMIT } from "../base/kernel_constants.ts";
import type { ExecAttributes, Kernel, ResourceLimit } from "../system/kernel.ts";

/** Attributes with more limits and descriptors behind those that are there already. */
export function addAttributes(
  attributes: ExecAttributes,
  more: Partial<ExecAttributes>,
): ExecAttributes {
  return {
    limits: [...attributes.limits, ...more.limits ?? []],
    descriptors: [...attributes.descriptors, ...more.descriptors ?? []],
  };
}

/** The limit of a resource (one of RLIMIT) that the next program gets; undefined if it is ours. */
export function limitOf(attributes: ExecAttributes, resource: number): ResourceLimit | undefined {
  return attributes.limits.findLast((each) => each.resource === resource)?.limit;
}

/** What the runtime needs of memory, and threads, may be far more than a chain allows. */
const TOO_TIGHT: readonly number[] = [RLIMIT.AS, RLIMIT.DATA, RLIMIT.STACK, RLIMIT.NPROC];
/** The runtime's own descriptors, and some for a program. */
const MIN_DESCRIPTORS = 64n;

/**
 * Applies limits to a program of the suite that goes on in this process, except those that the
 * runtime could not live with.
 *
 * @returns the attributes that are left for programs which it becomes or starts
 * @throws {SystemError} `setrlimit`
 */
export function holdBackLimits(
  kernel: Pick<Kernel, "setLimit">,
  attributes: ExecAttributes,
): ExecAttributes {
  const isTight = ({ resource, limit }: ExecAttributes["limits"][number]): boolean =>
    TOO_TIGHT.includes(resource) || (resource === RLIMIT.NOFILE && limit.soft < MIN_DESCRIPTORS);
  for (const each of attributes.limits) {
    if (!isTight(each)) kernel.setLimit(each.resource, each.limit);
  }
  return { ...attributes, limits: attributes.limits.filter(isTight) };
}

/**
 * The numbers that a program which we become, and which opened descriptors, would get: the lowest
 * that our caller did not use. The runtime's own descriptors are not there for it.
 *
 * @param count how many
 */
export function lowestFreeDescriptors(
  kernel: Pick<Kernel, "inheritedDescriptors">,
  attributes: ExecAttributes,
  count: number,
): number[] {
  const taken = new Set(kernel.inheritedDescriptors());
  for (const { to } of attributes.descriptors) taken.add(to);
  const free: number[] = [];
  for (let fd = 0; free.length < count; fd++) if (!taken.has(fd)) free.push(fd);
  return free;
}
