/**
 * Going on as another program of the suite in this process, instead of executing our own
 * executable again. What others see must be the same: arguments, environment, name, descriptors,
 * rights. Where that cannot be had, or is not certain, the answer is no, and execve does it.
 */

import { baseName, type Bytes, concat, cString, encode } from "../../base/bytes.ts";
import { CWD } from "../../base/kernel_constants.ts";
import { addressOf } from "../../libc/memory.ts";
import { PR, prctlH, setMemoryMap } from "../../libc/prctl_h.ts";
import { AT_EACCESS, R_OK, unistdH, X_OK } from "../../libc/unistd_h.ts";
import type { ExecAttributes, Path } from "../kernel.ts";
import { openedSince } from "./descriptors.ts";
import { linuxFiles } from "./files.ts";
import { memoryMarks, ownStat, ownStatus, readOwnStatus } from "./proc_self.ts";

/** Arguments and environment of any size up to this can be executed, whatever the limits. */
const SAFE_SIZE = 65536;
const POINTER_SIZE = 8;
const OWN_EXECUTABLE = "/proc/self/exe";
const SET_ID_BITS = 0o6000;
/** Flag of a process whose user has too many; its next execve fails. @see linux/sched.h */
const PF_NPROC_EXCEEDED = 0x1000n;

/** What is shown as arguments and environment; the kernel reads it as long as we live. */
const shown: Bytes[] = [];

/** See {@linkcode Execution.isOwnExecutable}. */
export function isOwnExecutable(path: Path): boolean {
  const own = linuxFiles.stat(CWD, OWN_EXECUTABLE);
  const other = linuxFiles.stat(CWD, path);
  return own.inode === other.inode && own.device === other.device &&
    (own.permissions & SET_ID_BITS) === 0;
}

/** See {@linkcode Execution.continueAs}. */
export function continueAs(
  path: Path,
  argv: readonly Bytes[],
  environment: readonly Bytes[],
  attributes: ExecAttributes,
): boolean {
  const kept = attributes.descriptors.map(({ from }) => from);
  const stays = mayAccess(path, X_OK) && !isTooLarge([...argv, ...environment]) &&
    keepsCapabilities() && openedSince().every((fd) => kept.includes(fd));
  if (!stays || !show(argv, environment)) return false;
  const name = baseName(typeof path === "string" ? encode(path) : path);
  prctlH.prctlText(PR.SET_NAME, cString(name), 0n, 0n, 0n);
  // A change of rights clears this, and execve of something readable sets it again.
  prctlH.prctl(PR.SET_DUMPABLE, mayAccess(path, R_OK) ? 1n : 0n, 0n, 0n, 0n);
  return true;
}

function mayAccess(path: Path, mode: number): boolean {
  return unistdH.faccessat(CWD, cString(path), mode, AT_EACCESS) === 0;
}

function isTooLarge(strings: readonly Bytes[]): boolean {
  return strings.reduce((sum, { length }) => sum + length + 1 + POINTER_SIZE, 0) > SAFE_SIZE;
}

/** Whether execve would leave our capabilities as they are. @see capabilities(7) */
function keepsCapabilities(): boolean {
  if (prctlH.prctl(PR.GET_SECUREBITS, 0n, 0n, 0n, 0n) !== 0) return false;
  const status = readOwnStatus();
  const set = (name: string): bigint => BigInt(`0x${ownStatus(name, status) ?? "0"}`);
  const users = new Set(ownStatus("Uid", status)?.split("\t").slice(0, 3));
  if (users.size !== 1 || set("CapAmb") !== 0n) return false;
  const gained = users.has("0") ? set("CapBnd") | set("CapInh") : 0n;
  return set("CapPrm") === gained && set("CapEff") === gained;
}

/** Shows others these arguments and this environment. */
function show(argv: readonly Bytes[], environment: readonly Bytes[]): boolean {
  const field = ownStat();
  if ((field(9) & PF_NPROC_EXCEEDED) !== 0n) return false;
  const argumentBlock = concat(...argv.flatMap((string) => [string, "\0"]));
  const block = concat(argumentBlock, ...environment.flatMap((string) => [string, "\0"]));
  const start = addressOf(block);
  const middle = start + BigInt(argumentBlock.length);
  const end = start + BigInt(block.length);
  const marks = memoryMarks(field);
  if (!setMemoryMap({ ...marks, arguments: [start, middle], environment: [middle, end] })) {
    return false;
  }
  shown.push(block);
  return true;
}
