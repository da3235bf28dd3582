/** Starting and becoming other programs: the plan turned into posix_spawn's or execve's terms. */

import { type Bytes, cString } from "../../base/bytes.ts";
import { CWD } from "../../base/kernel_constants.ts";
import { SIGNAL } from "../../base/signals.ts";
import { SystemError } from "../../base/system_error.ts";
import { F, fcntlH } from "../../libc/fcntl_h.ts";
import { CStringArray } from "../../libc/memory.ts";
import { encodeSigset } from "../../libc/signal_h.ts";
import {
  FILE_ACTIONS_SIZE,
  POSIX_SPAWN_SETSIGDEF,
  POSIX_SPAWN_SETSIGMASK,
  SPAWN_ATTRIBUTES_SIZE,
  spawnH,
} from "../../libc/spawn_h.ts";
import { unistdH } from "../../libc/unistd_h.ts";
import type { SpawnPlan } from "../kernel.ts";
import { checkResult } from "./check_result.ts";
import { maskForChild } from "./inherited_signals.ts";

const environments = new WeakMap<readonly Bytes[], CStringArray>();

/** glibc's own signals for threads, which its posix_spawn would leave ignored in the child. */
const THREAD_SIGNALS = [32, 33];

/** The runtime ignores SIGPIPE; a program that we start must not inherit that. */
function newAttributes(mask: Bytes | undefined): Bytes {
  const attributes = new Uint8Array(SPAWN_ATTRIBUTES_SIZE);
  const defaults = encodeSigset([SIGNAL.PIPE, ...THREAD_SIGNALS]);
  check("posix_spawnattr_init", spawnH.posix_spawnattr_init(attributes));
  check(
    "posix_spawnattr_setsigdefault",
    spawnH.posix_spawnattr_setsigdefault(attributes, defaults),
  );
  let flags = POSIX_SPAWN_SETSIGDEF;
  if (mask !== undefined) {
    check("posix_spawnattr_setsigmask", spawnH.posix_spawnattr_setsigmask(attributes, mask));
    flags |= POSIX_SPAWN_SETSIGMASK;
  }
  check("posix_spawnattr_setflags", spawnH.posix_spawnattr_setflags(attributes, flags));
  return attributes;
}

/** One environment serves thousands of services; its C form is made once. */
function environmentBlock(environment: readonly Bytes[]): CStringArray {
  let block = environments.get(environment);
  if (block === undefined) environments.set(environment, block = new CStringArray(environment));
  return block;
}

function check(call: string, errno: number): void {
  if (errno !== 0) throw new SystemError(call, errno);
}

/**
 * Starts the planned program.
 *
 * @param under brings about the limits that the process starts with, around the start alone: glibc
 *   takes no descriptor into a plan that is not below the limit of the moment
 * @returns its process id
 * @throws {SystemError} with the error number of whatever failed, the execution included
 */
export function spawn(plan: SpawnPlan, under: (start: () => number) => number): number {
  const actions = new Uint8Array(FILE_ACTIONS_SIZE);
  check("posix_spawn", spawnH.posix_spawn_file_actions_init(actions));
  const copies: number[] = [];
  try {
    const { directoryFd, stdinFd, stdoutFd } = plan;
    if (directoryFd !== CWD) {
      check("posix_spawn", spawnH.posix_spawn_file_actions_addfchdir_np(actions, directoryFd));
    }
    if (stdinFd !== undefined) {
      check("posix_spawn", spawnH.posix_spawn_file_actions_adddup2(actions, stdinFd, 0));
    }
    if (stdoutFd !== undefined) {
      check("posix_spawn", spawnH.posix_spawn_file_actions_adddup2(actions, stdoutFd, 1));
    }
    const moves = plan.attributes.descriptors;
    const floor = Math.max(0, ...moves.map(({ to }) => to)) + 1;
    const replaced = new Set<number>();
    for (const { from, to } of moves) {
      // A copy out of the way only where it is needed: there may be few descriptors.
      const isLost = replaced.has(from);
      if (isLost) copies.push(checkResult("fcntl", fcntlH.fcntl(from, F.DUPFD_CLOEXEC, floor)));
      const source = isLost ? copies.at(-1)! : from;
      check("posix_spawn", spawnH.posix_spawn_file_actions_adddup2(actions, source, to));
      if (from !== to) replaced.add(to);
    }
    const pid = new Int32Array(1);
    const argv = new CStringArray(plan.argv);
    const pidBytes = new Uint8Array(pid.buffer);
    const path = cString(plan.path);
    const attributes = newAttributes(maskForChild(plan.unblockedSignals ?? []));
    const environment = environmentBlock(plan.environment).pointers;
    return under(() => {
      check(
        "posix_spawn",
        spawnH.posix_spawn(pidBytes, path, actions, attributes, argv.pointers, environment),
      );
      return pid[0]!;
    });
  } finally {
    for (const fd of copies) unistdH.close(fd);
    spawnH.posix_spawn_file_actions_destroy(actions);
  }
}
