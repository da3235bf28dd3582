/** Handing a bequest over: right before execve, or to a process just started. */

import { F, fcntlH, FD_CLOEXEC } from "../libc/fcntl_h.ts";
import { encodeLimit, resourceH, RLIMIT_SIZE } from "../libc/resource_h.ts";
import { unistdH } from "../libc/unistd_h.ts";
import type { Bequest } from "./kernel.ts";
import { unwrap } from "./unwrap.ts";

/** Limits in C's terms, with what was there before, so that none is allocated under them. */
function encodeLimits({ limits }: Bequest) {
  return limits.map(({ resource, limit }) => {
    const earlier = new Uint8Array(RLIMIT_SIZE);
    unwrap("getrlimit", resourceH.getrlimit(resource, earlier));
    return { resource, wanted: encodeLimit(limit), earlier };
  });
}

/** Gives descriptors their numbers; returns how to give back what had these numbers. */
function moveDescriptors({ descriptors }: Bequest): () => void {
  const saved = descriptors.map(({ from, to }) => {
    const copy = fcntlH.fcntl(to, F.DUPFD_CLOEXEC, 0);
    unwrap("dup2", unistdH.dup2(from, to));
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
 * Has this process hold the bequest while it does something. The limits may be far below what the
 * runtime itself needs: `action` must do a single C call that is bound and has its arguments.
 *
 * @returns what `action` did
 */
export function holding<T>(bequest: Bequest, action: () => T): T {
  const limits = encodeLimits(bequest);
  const { setrlimit } = resourceH;
  const giveBack = moveDescriptors(bequest);
  try {
    for (const { resource, wanted } of limits) setrlimit(resource, wanted);
    return action();
  } finally {
    for (const { resource, earlier } of limits.reverse()) setrlimit(resource, earlier);
    giveBack();
  }
}

/** Gives limits to another process. One that has ended or changed its user keeps its own. */
export function bequeathLimits(pid: number, { limits }: Bequest): void {
  for (const { resource, limit } of limits) {
    resourceH.prlimit(pid, resource, encodeLimit(limit), null);
  }
}
