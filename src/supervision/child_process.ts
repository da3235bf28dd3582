/** A service process that is our child. */

import type { ChildPlan, Children } from "../reactor/children.ts";
import type { SupervisionKernel } from "./host.ts";
import { type OnProcessEnd, type ServiceProcess, signalGroup } from "./service_process.ts";

/**
 * Starts a child.
 *
 * @param host where children are started and signalled
 * @param plan what to start
 * @param onEnd told of its end; never called before this returns
 * @returns the process
 * @throws {SystemError} when it cannot be started
 */
export function startChild(
  host: { readonly kernel: Pick<SupervisionKernel, "kill">; readonly children: Children },
  plan: ChildPlan,
  onEnd: OnProcessEnd,
): ServiceProcess {
  return childProcess(host, onEnd, (told) => host.children.start(plan, told));
}

/**
 * Goes on with a child that a predecessor in this process has started.
 *
 * @param onEnd told of its end; never called before this returns
 */
export function keepChild(
  host: { readonly kernel: Pick<SupervisionKernel, "kill">; readonly children: Children },
  pid: number,
  onEnd: OnProcessEnd,
): ServiceProcess {
  return childProcess(host, onEnd, (told) => host.children.keep(pid, told));
}

function childProcess(
  host: { readonly kernel: Pick<SupervisionKernel, "kill"> },
  onEnd: OnProcessEnd,
  start: (onEnd: (waitStatus: number) => void) => number,
): ServiceProcess {
  let hasEnded = false;
  const pid = start((waitStatus) => {
    hasEnded = true;
    onEnd(waitStatus);
  });
  return {
    pid,
    kind: "started",
    signal(number, toGroup = false) {
      // The id stays the child's until it is reaped, and its end is told as soon as it is.
      if (hasEnded || (toGroup && signalGroup(host.kernel, pid, number))) return;
      host.kernel.kill(pid, number);
    },
  };
}
