/** Limits of exec attributes for a process that is being started. */

import { RLIMIT } from "../../base/kernel_constants.ts";
import { resourceH } from "../../libc/resource_h.ts";
import type { ExecAttributes } from "../kernel.ts";
import { checkResult } from "./check_result.ts";
import { encodeLimits } from "./exec_attributes.ts";

/** Limits that this process can have for a moment while it starts another. */
const BEARABLE: readonly number[] = [RLIMIT.NOFILE, RLIMIT.STACK];

/**
 * Starts a process with the limits of exec attributes. Those that this process cannot have even for a
 * moment reach the other right after its start.
 *
 * @param spawn starts it and returns its process id
 * @throws {SystemError} of `setrlimit`, and whatever `spawn` throws
 */
export function spawnUnder({ limits }: ExecAttributes, spawn: () => number): number {
  const { resources, wanted, earlier } = encodeLimits(limits);
  const { prlimit, setrlimit } = resourceH;
  const bearable = resources.map((resource) => BEARABLE.includes(resource));
  let pid: number;
  try {
    bearable.forEach((now, i) =>
      now && checkResult("setrlimit", setrlimit(resources[i]!, wanted[i]!))
    );
    pid = spawn();
    // One that has ended, or changed its user, keeps what it has.
    bearable.forEach((now, i) => now || prlimit(pid, resources[i]!, wanted[i]!, null));
  } finally {
    bearable.forEach((now, i) => now && setrlimit(resources[i]!, earlier[i]!));
  }
  return pid;
}
