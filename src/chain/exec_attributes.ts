/**
 * Exec attributes: limits and descriptors that programs which we become or start are to have,
 * though this process does not have them itself. A chain collects them for its last program.
 */

import type { Bytes } from "../base/bytes.ts";
import { RLIMIT } from "../base/kernel_constants.ts";
import { ignoreSystemError } from "../base/system_error.ts";
import { withCarriedLimits } from "../system/carried_limits.ts";
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

function isTight({ resource, limit }: ExecAttributes["limits"][number]): boolean {
  return TOO_TIGHT.includes(resource) ||
    (resource === RLIMIT.NOFILE && limit.soft < MIN_DESCRIPTORS);
}

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
  for (const each of attributes.limits) {
    if (!isTight(each)) kernel.setLimit(each.resource, each.limit);
  }
  return { ...attributes, limits: attributes.limits.filter(isTight) };
}

/**
 * What the execution of a path gets. Limits that the runtime could not start under are carried past
 * our own executable in its environment.
 */
export function attributesFor(
  kernel: Pick<Kernel, "isOwnExecutable">,
  path: Bytes,
  environment: readonly Bytes[],
  attributes: ExecAttributes,
): { readonly environment: readonly Bytes[]; readonly attributes: ExecAttributes } {
  const tight = attributes.limits.filter(isTight);
  if (tight.length === 0 || !isOwn(kernel, path)) return { environment, attributes };
  return {
    environment: withCarriedLimits(environment, tight),
    attributes: { ...attributes, limits: attributes.limits.filter((each) => !isTight(each)) },
  };
}

/** Whether a path is our own executable; one that cannot be looked at is not. */
export function isOwn(kernel: Pick<Kernel, "isOwnExecutable">, path: Bytes): boolean {
  try {
    return kernel.isOwnExecutable(path);
  } catch (error) {
    // Whatever is wrong with the path, execve fails for the same reason.
    ignoreSystemError(error);
    return false;
  }
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
