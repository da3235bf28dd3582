/** Exec attributes put in force right before execve. */

import type { Bytes } from "../../base/bytes.ts";
import { SystemError } from "../../base/system_error.ts";
import { lastErrno } from "../../libc/errno_h.ts";
import { F, fcntlH, FD_CLOEXEC } from "../../libc/fcntl_h.ts";
import type { CStringArray } from "../../libc/memory.ts";
import { encodeLimit, resourceH, RLIMIT_SIZE } from "../../libc/resource_h.ts";
import { unistdH } from "../../libc/unistd_h.ts";
import type { ExecAttributes } from "../kernel.ts";
import { checkResult } from "./check_result.ts";

/** Limits in C's terms, with what was there before. */
export interface EncodedLimits {
  readonly resources: readonly number[];
  readonly wanted: readonly Bytes[];
  readonly earlier: readonly Bytes[];
}

/**
 * Prepares limits for C, and remembers those of this process.
 *
 * @throws {SystemError} `getrlimit`
 */
export function encodeLimits(limits: ExecAttributes["limits"]): EncodedLimits {
  const resources = limits.map(({ resource }) => resource);
  const earlier = resources.map((resource) => {
    const buffer = new Uint8Array(RLIMIT_SIZE);
    checkResult("getrlimit", resourceH.getrlimit(resource, buffer));
    return buffer;
  });
  return { resources, wanted: limits.map(({ limit }) => encodeLimit(limit)), earlier };
}

/**
 * Calls execve with limits that may be far below what the runtime has in use already: while they
 * are in force nothing may allocate memory, nor grow the stack.
 *
 * @returns why it did not work; the limits are the earlier ones again
 */
function executeUnder(
  limits: EncodedLimits,
  path: Bytes,
  argv: CStringArray,
  environment: CStringArray,
): SystemError {
  const { resources, wanted, earlier } = limits;
  const { setrlimit } = resourceH;
  const { execve } = unistdH;
  const count = resources.length;
  let set = 0;
  while (set < count && setrlimit(resources[set]!, wanted[set]!) === 0) set++;
  const isReady = set === count;
  if (isReady) execve(path, argv.pointers, environment.pointers);
  const errno = lastErrno();
  while (set-- > 0) setrlimit(resources[set]!, earlier[set]!);
  return new SystemError(isReady ? "execve" : "setrlimit", errno);
}

/** Gives descriptors their numbers; returns how to give back what had these numbers. */
function moveDescriptors({ descriptors }: ExecAttributes): () => void {
  const saved = descriptors.map(({ from, to }) => {
    const copy = fcntlH.fcntl(to, F.DUPFD_CLOEXEC, 0);
    checkResult("dup2", unistdH.dup2(from, to));
    return { copy, to };
  });
  return () => {
    for (const { copy, to } of saved.reverse()) {
      if (copy < 0) {
        unistdH.close(to);
        continue;
      }
      unistdH.dup2(copy, to);
      unistdH.close(copy);
      // Only what closes on exec, of the runtime, is ever in the way.
      fcntlH.fcntl(to, F.SETFD, FD_CLOEXEC);
    }
  };
}

/**
 * Calls execve with the attributes in force.
 *
 * @returns why it did not work; then limits and descriptors are the earlier ones again
 */
export function executeWith(
  attributes: ExecAttributes,
  path: Bytes,
  argv: CStringArray,
  environment: CStringArray,
): SystemError {
  if (attributes.limits.length === 0 && attributes.descriptors.length === 0) {
    unistdH.execve(path, argv.pointers, environment.pointers);
    return new SystemError("execve", lastErrno());
  }
  const limits = encodeLimits(attributes.limits);
  const giveBack = moveDescriptors(attributes);
  try {
    if (limits.resources.length > 0) {
      // Once with the limits as they are and no path at all: the first call of a function
      // compiles it, and binds what it calls.
      executeUnder({ ...limits, wanted: limits.earlier }, Uint8Array.of(0), argv, environment);
    }
    return executeUnder(limits, path, argv, environment);
  } finally {
    giveBack();
  }
}
