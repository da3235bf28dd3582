/** Processes on Linux. */

import { cString } from "../base/bytes.ts";
import { SIGNAL } from "../base/signals.ts";
import { CStringArray } from "../libc/memory.ts";
import {
  decodeLimit,
  encodeLimit,
  resourceH,
  type ResourceLimit,
  RLIMIT,
  RLIMIT_SIZE,
} from "../libc/resource_h.ts";
import { pidfdH, SIGACTION_SIZE, signalH, SYS, WNOHANG } from "../libc/signal_h.ts";
import { unistdH } from "../libc/unistd_h.ts";
import { hideRuntimeDescriptors } from "./inherited.ts";
import type { Processes } from "./kernel.ts";
import { spawn } from "./spawn.ts";
import { unwrap } from "./unwrap.ts";

function getLimit(resource: number): ResourceLimit {
  const buffer = new Uint8Array(RLIMIT_SIZE);
  unwrap("getrlimit", resourceH.getrlimit(resource, buffer));
  return decodeLimit(buffer);
}

function setLimit(resource: number, limit: ResourceLimit): void {
  unwrap("setrlimit", resourceH.setrlimit(resource, encodeLimit(limit)));
}

/** {@linkcode Processes} over the C library. */
export function linuxProcesses(): Processes {
  /** The descriptor limit that children get, and ours, once ours was raised. */
  let limits: { inherited: ResourceLimit; raised: ResourceLimit } | undefined;
  const status = new Int32Array(1);
  const statusBytes = new Uint8Array(status.buffer);
  return {
    spawn(plan) {
      hideRuntimeDescriptors();
      if (limits === undefined) return spawn(plan);
      // A child takes our limits as they are when it is made; open descriptors stay open.
      setLimit(RLIMIT.NOFILE, limits.inherited);
      try {
        return spawn(plan);
      } finally {
        setLimit(RLIMIT.NOFILE, limits.raised);
      }
    },
    openProcess: (pid) =>
      unwrap("pidfd_open", pidfdH.syscall(SYS.pidfd_open, BigInt(pid), 0n, 0n, 0n)),
    reap() {
      const pid = signalH.waitpid(-1, statusBytes, WNOHANG);
      return pid > 0 ? { pid, status: status[0]! } : null;
    },
    signal(pidFd, signal) {
      const call = SYS.pidfd_send_signal;
      unwrap("kill", pidfdH.syscall(call, BigInt(pidFd), BigInt(signal), 0n, 0n));
    },
    kill: (pid, signal) => void unwrap("kill", signalH.kill(pid, signal)),
    execute(path, argv, environment) {
      hideRuntimeDescriptors();
      const argvBlock = new CStringArray(argv);
      const environmentBlock = new CStringArray(environment);
      // The runtime ignores SIGPIPE, and an ignored signal stays ignored across execve.
      const defaultAction = new Uint8Array(SIGACTION_SIZE);
      unwrap("sigaction", signalH.sigaction(SIGNAL.PIPE, defaultAction, null));
      unwrap(
        "execve",
        unistdH.execve(cString(path), argvBlock.pointers, environmentBlock.pointers),
      );
      throw new Error("execve came back without an error");
    },
    raiseDescriptorLimit() {
      const inherited = getLimit(RLIMIT.NOFILE);
      if (limits !== undefined || inherited.soft === inherited.hard) return;
      const raised = { soft: inherited.hard, hard: inherited.hard };
      setLimit(RLIMIT.NOFILE, raised);
      limits = { inherited, raised };
    },
    getLimit,
    setLimit,
    pid: () => unistdH.getpid(),
  };
}
