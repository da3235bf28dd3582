/** Accounts on Linux. */

import { type Bytes, cString } from "../../base/bytes.ts";
import { ERRNO } from "../../base/errno.ts";
import { RLIMIT } from "../../base/kernel_constants.ts";
import { SystemError } from "../../base/system_error.ts";
import { grpH } from "../../libc/grp_h.ts";
import { decodePasswd, PASSWD_SIZE, pwdH } from "../../libc/pwd_h.ts";
import { decodeLimit, encodeLimit, resourceH, RLIMIT_SIZE } from "../../libc/resource_h.ts";
import { unistdH } from "../../libc/unistd_h.ts";
import type { Account, Accounts, ResourceLimit } from "../kernel.ts";
import { checkResult } from "./check_result.ts";
import { ownStatus, readOwnStatus } from "./proc_self.ts";

const STRINGS_SIZE = 4096;
/** So many groups of an account are asked for at first. */
const GROUPS_AT_FIRST = 64;
const UNLIMITED = 2n ** 64n - 1n;

function findAccount(name: Bytes): Account | null {
  const passwd = new Uint8Array(PASSWD_SIZE);
  const found = new BigUint64Array(1);
  for (let size = STRINGS_SIZE;; size *= 4) {
    const errno = pwdH.getpwnam_r(
      cString(name),
      passwd,
      new Uint8Array(size),
      BigInt(size),
      new Uint8Array(found.buffer),
    );
    if (errno === ERRNO.ERANGE) continue;
    return found[0] === 0n ? null : decodePasswd(passwd);
  }
}

function findGroups(name: Bytes, gid: number): number[] {
  const count = new Int32Array([GROUPS_AT_FIRST]);
  for (;;) {
    const groups = new Uint32Array(count[0]!);
    const fits = grpH.getgrouplist(
      cString(name),
      gid,
      new Uint8Array(groups.buffer),
      new Uint8Array(count.buffer),
    );
    // Otherwise the count is what is needed.
    if (fits >= 0) return [...groups.subarray(0, count[0])];
  }
}

function insist(call: string, holds: boolean): void {
  if (!holds) throw new SystemError(call, ERRNO.EPERM);
}

function takeOn({ uid, gid, groups = [gid] }: Account): void {
  const list = new Uint8Array(Uint32Array.from(groups).buffer);
  checkResult("setgroups", unistdH.setgroups(BigInt(groups.length), list));
  checkResult("setgid", unistdH.setgid(gid));
  checkResult("setuid", unistdH.setuid(uid));
  // What the kernel says of us, not what the calls say of themselves.
  const status = readOwnStatus();
  const allAre = (field: string, id: number): boolean =>
    ownStatus(field, status)?.split("\t").every((each) => each === String(id)) ?? false;
  const inForce = new Set(ownStatus("Groups", status)?.split(" ").map(Number));
  insist("setgroups", inForce.symmetricDifference(new Set(groups)).size === 0);
  insist("setgid", allAre("Gid", gid));
  insist("setuid", allAre("Uid", uid));
}

/**
 * Does something while the threads of the runtime, which the C programs do not have, do not count
 * against the limit of a user's processes. The kernel compares when the user changes, and lets the
 * next execve fail if the user was over the limit then.
 */
function withoutCountingThreads(limit: ResourceLimit | undefined, action: () => void): void {
  const others = BigInt(ownStatus("Threads") ?? "1") - 1n;
  if (others === 0n) return action();
  const buffer = new Uint8Array(RLIMIT_SIZE);
  checkResult("getrlimit", resourceH.getrlimit(RLIMIT.NPROC, buffer));
  const own = decodeLimit(buffer);
  const { soft } = limit ?? own;
  if (soft === UNLIMITED) return action();
  const raised = soft + others;
  const hard = raised > own.hard ? raised : own.hard;
  const isRaised = resourceH.setrlimit(RLIMIT.NPROC, encodeLimit({ soft: raised, hard })) === 0;
  try {
    action();
  } finally {
    if (isRaised) checkResult("setrlimit", resourceH.setrlimit(RLIMIT.NPROC, encodeLimit(own)));
  }
}

/** {@linkcode Accounts} over the C library, whose set*id functions change all threads. */
export const linuxAccounts: Accounts = {
  findAccount,
  findGroups,
  becomeAccount(account, processLimit) {
    withoutCountingThreads(processLimit, () => takeOn(account));
  },
};
