/** Processes on Linux. */

import { ERRNO } from "../../base/errno.ts";
import { RLIMIT } from "../../base/kernel_constants.ts";
import { ignoreSystemError, SystemError } from "../../base/system_error.ts";
import { lastErrno } from "../../libc/errno_h.ts";
import { memoryAt } from "../../libc/memory.ts";
import { pidfdH, signalH, SYS, WNOHANG } from "../../libc/signal_h.ts";
import { unistdH } from "../../libc/unistd_h.ts";
import type { Processes, ResourceLimit } from "../kernel.ts";
import { checkResult } from "./check_result.ts";
import { linuxExecution } from "./execution.ts";
import { garbageCollector } from "./garbage.ts";
import { useDefaultAction } from "./inherited_signals.ts";
import { memoryMarks } from "./proc_self.ts";
import { spawn } from "./spawn.ts";
import { spawnUnder } from "./spawn_limits.ts";

const { getLimit, setLimit } = linuxExecution;

/** So many descriptors are asked for even beyond the hard limit. */
const ENOUGH_DESCRIPTORS = 65536n;

function trySetDescriptorLimit(limit: ResourceLimit): boolean {
  try {
    setLimit(RLIMIT.NOFILE, limit);
    return true;
  } catch (error) {
    ignoreSystemError(error);
    return false;
  }
}

/** Limits of open descriptors. */
export interface DescriptorLimits {
  /** What children get; ours if absent. */
  forChildren?: ResourceLimit;
  /** Ours, once it was raised. */
  raised?: ResourceLimit;
}

/**
 * {@linkcode Processes} over the C library.
 *
 * @param limits shared with who sets what children get
 */
export function linuxProcesses(limits: DescriptorLimits): Processes {
  const status = new Int32Array(1);
  const statusBytes = new Uint8Array(status.buffer);
  return {
    spawn(plan) {
      return spawn(plan, (start) => {
        const { forChildren, raised } = limits;
        if (forChildren === undefined || raised === undefined) {
          return spawnUnder(plan.attributes, start);
        }
        // A child takes our limits as they are when it is made; open descriptors stay open.
        setLimit(RLIMIT.NOFILE, forChildren);
        try {
          return spawnUnder(plan.attributes, start);
        } finally {
          setLimit(RLIMIT.NOFILE, raised);
        }
      });
    },
    openProcess: (pid) =>
      checkResult("pidfd_open", pidfdH.syscall(SYS.pidfd_open, BigInt(pid), 0n, 0n, 0n)),
    reap() {
      const pid = signalH.waitpid(-1, statusBytes, WNOHANG);
      return pid > 0 ? { pid, status: status[0]! } : null;
    },
    waitForEnd(pid) {
      while (signalH.waitpid(pid, statusBytes, 0) < 0) {
        const errno = lastErrno();
        if (errno !== ERRNO.EINTR) throw new SystemError("waitpid", errno);
      }
      return status[0]!;
    },
    signal(pidFd, signal) {
      const call = SYS.pidfd_send_signal;
      checkResult("kill", pidfdH.syscall(call, BigInt(pidFd), BigInt(signal), 0n, 0n));
    },
    kill: (pid, signal) => void checkResult("kill", signalH.kill(pid, signal)),
    endBy(signal) {
      useDefaultAction(signal);
      // To this very thread: another one would take it while this one goes on.
      signalH.raise(signal);
    },
    raiseDescriptorLimit() {
      const { hard } = getLimit(RLIMIT.NOFILE);
      if (limits.raised !== undefined) return;
      limits.forChildren ??= getLimit(RLIMIT.NOFILE);
      const enough = hard > ENOUGH_DESCRIPTORS ? hard : ENOUGH_DESCRIPTORS;
      // The hard limit can be passed with a right that root has, as a rule.
      const raised = [enough, hard].map((limit) => ({ soft: limit, hard: limit }))
        .find(trySetDescriptorLimit);
      if (raised !== undefined) limits.raised = raised;
    },
    pid: () => unistdH.getpid(),
    collectGarbage: garbageCollector(),
    lastArgument(sizeBytes) {
      const [, end] = memoryMarks().arguments;
      return memoryAt(end - BigInt(sizeBytes + 1), sizeBytes);
    },
  };
}
