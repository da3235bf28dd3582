/** A service process that is our child. */

import type { ChildPlan, Children } from "../reactor/children.ts";
import type { SupervisionKernel } from "./host.ts";
import type { OnProcessEnd, ServiceProcess } from "./service_process.ts";

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
  let hasEnded = false;
  const pid = host.children.start(plan, (waitStatus) => {
    hasEnded = true;
    onEnd(waitStatus);
  });
  return {
    pid,
    kind: "started",
    signal(number) {
      // The id stays the child's until it is reaped, and its end is told as soon as it is.
      if (!hasEnded) host.kernel.kill(pid, number);
    },
  };
}
