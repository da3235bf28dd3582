/** Processes on Linux. */

import { cString } from "../../base/bytes.ts";
import { ERRNO } from "../../base/errno.ts";
import { CWD, RLIMIT } from "../../base/kernel_constants.ts";
import { SIGNAL } from "../../base/signals.ts";
import { ignoreSystemError, SystemError } from "../../base/system_error.ts";
import { lastErrno } from "../../libc/errno_h.ts";
import { mallocH } from "../../libc/malloc_h.ts";
import { CStringArray, memoryAt } from "../../libc/memory.ts";
import { decodeLimit, encodeLimit, resourceH, RLIMIT_SIZE } from "../../libc/resource_h.ts";
import { pidfdH, SIGACTION_SIZE, signalH, SYS, WNOHANG } from "../../libc/signal_h.ts";
import { AT_EACCESS, unistdH, X_OK } from "../../libc/unistd_h.ts";
import type { Processes, ResourceLimit } from "../kernel.ts";
import { checkResult } from "./check_result.ts";
import { continueAs, isOwnExecutable } from "./continue_in_process.ts";
import { inheritedDescriptors, noteDescriptors } from "./descriptors.ts";
import { executeWith, spawnUnder } from "./exec_attributes.ts";
import { garbageCollector } from "./garbage.ts";
import { memoryMarks } from "./proc_self.ts";
import { restoreMask } from "./signals.ts";
import { spawn } from "./spawn.ts";

function getLimit(resource: number): ResourceLimit {
  const buffer = new Uint8Array(RLIMIT_SIZE);
  checkResult("getrlimit", resourceH.getrlimit(resource, buffer));
  return decodeLimit(buffer);
}

function setLimit(resource: number, limit: ResourceLimit): void {
  checkResult("setrlimit", resourceH.setrlimit(resource, encodeLimit(limit)));
}

function useDefaultAction(signal: number): void {
  checkResult("sigaction", signalH.sigaction(signal, new Uint8Array(SIGACTION_SIZE), null));
}

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
    execute(path, argv, environment, attributes) {
      const pathString = cString(path);
      // What cannot be executed is not tried: limits should not be in force in vain. But where
      // the question itself is forbidden, as in old containers, only a try tells.
      const isDenied = unistdH.faccessat(CWD, pathString, X_OK, AT_EACCESS) !== 0;
      if (isDenied && lastErrno() !== ERRNO.EPERM) throw new SystemError("execve", lastErrno());
      // The runtime ignores SIGPIPE, and an ignored signal stays ignored across execve.
      useDefaultAction(SIGNAL.PIPE);
      restoreMask();
      const argvBlock = new CStringArray(argv);
      throw executeWith(attributes, pathString, argvBlock, new CStringArray(environment));
    },
    inheritedDescriptors,
    isOwnExecutable,
    noteDescriptors,
    continueAs,
    newSession: () => void checkResult("setsid", unistdH.setsid()),
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
    getLimit,
    setLimit,
    pid: () => unistdH.getpid(),
    collectGarbage: garbageCollector(),
    releaseMemory: () => void mallocH.malloc_trim(0n),
    lastArgument(sizeBytes) {
      const [, end] = memoryMarks().arguments;
      return memoryAt(end - BigInt(sizeBytes + 1), sizeBytes);
    },
  };
}
