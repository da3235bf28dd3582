/**
 * What an earlier supervisor has left, as the status record tells it: for a process record that
 * makes no sense, or is of another version. A second copy of a service would be worse than a guess
 * that everything speaks for.
 */

import { type Bytes, decode, encode, equalBytes } from "../base/bytes.ts";
import { decodeStatus, STATUS_SIZE } from "../base/status_record.ts";
import { ignoreSystemError, unlessMissing } from "../base/system_error.ts";
import { TAI64_OFFSET } from "../base/tai64n.ts";
import { CWD } from "../base/kernel_constants.ts";
import { ageMs, INIT, isInDirectory } from "./adopted_process.ts";
import type { SupervisionKernel } from "./host.ts";
import type { ProcessRecord } from "./process_record.ts";

/** A status is written right after the start; the clock may have been set a little since. */
const TOLERANCE_SECONDS = 3;
const STATUS = "supervise/status";
const LOGGER = encode("/log");
/** The program that runs the streams of several loggers. */
const HOST_PROGRAM = "log-host";
/** As much of a command as tells that. */
const COMMAND_SIZE = 256;

/** Where a service keeps what it is about. */
export interface LeftPlace {
  /** The service directory. */
  readonly directoryFd: number;
  /** Which descriptor of the process leads to the pipe of the log: 0 of a logger, else 1. */
  readonly pipeFd: 0 | 1;
}

/** Which descriptor leads to the pipe of the log, by the name of a service directory. */
export function pipeFdOf(name: Bytes): 0 | 1 {
  return equalBytes(name.subarray(-LOGGER.length), LOGGER) ? 0 : 1;
}

/**
 * Makes a process record from a status record, if the process that this names runs in the service
 * directory and was started when it says; or if it is a log host that has the directory open.
 *
 * @returns undefined when nothing is certain
 */
export function recordFromStatus(
  kernel: SupervisionKernel,
  { directoryFd, pipeFd }: LeftPlace,
): ProcessRecord | undefined {
  try {
    const bytes = readStatus(kernel, directoryFd);
    if (bytes === undefined) return undefined;
    const { pid, paused, want, taiSeconds, nanoseconds } = decodeStatus(bytes);
    const facts = pid > 1 ? kernel.findProcess(pid) : undefined;
    if (facts === undefined || facts.hasEnded) return undefined;
    const since = { seconds: Number(taiSeconds - TAI64_OFFSET), nanoseconds };
    const ageSeconds = ageMs(kernel, facts) / 1000;
    const shownSeconds = kernel.now().seconds - since.seconds;
    const isOlder = ageSeconds - shownSeconds > TOLERANCE_SECONDS;
    const isYounger = shownSeconds - ageSeconds > TOLERANCE_SECONDS;
    const runsHere = !isOlder && !isYounger && isInDirectory(kernel, pid, directoryFd);
    const isHosted = !runsHere && !isYounger && isHostOf(kernel, pid, directoryFd);
    if (!runsHere && !isHosted) return undefined;
    // A host has the pipes of many. The service itself knows which one leads there.
    const pipe = isHosted
      ? undefined
      : unlessMissing(() => kernel.stat(CWD, `/proc/${pid}/fd/${pipeFd}`));
    return {
      bootId: kernel.bootId(),
      phase: isHosted ? "hosted" : "running",
      pid,
      startTicks: facts.startTicks,
      paused,
      want,
      leaving: false,
      since,
      pipeInode: pipe?.kind === "fifo" ? pipe.inode : 0n,
      sessionId: facts.sessionId,
    };
  } catch (error) {
    // It has ended meanwhile, or cannot be looked into.
    ignoreSystemError(error);
    return undefined;
  }
}

/**
 * What is to be believed where neither record makes sense: if a process without a parent runs in the
 * service directory, it may be what was left. A second copy would be wrong, and so would a signal.
 *
 * @returns a record of a service that is wanted down, with the pid of that process; undefined when
 *   nothing can have been left
 */
export function recordOfUnknown(
  kernel: SupervisionKernel,
  { directoryFd }: LeftPlace,
): ProcessRecord | undefined {
  const status = readStatus(kernel, directoryFd);
  if (status !== undefined && decodeStatus(status).pid === 0) return undefined;
  const own = kernel.pid();
  const stranger = kernel.processesSince(0).find(({ pid, parentPid, hasEnded }) =>
    !hasEnded && (parentPid === INIT || parentPid === own) &&
    isInDirectory(kernel, pid, directoryFd)
  );
  return stranger && {
    bootId: kernel.bootId(),
    phase: "none",
    pid: stranger.pid,
    startTicks: stranger.startTicks,
    paused: false,
    want: "down",
    leaving: false,
    since: kernel.now(),
    pipeInode: 0n,
    sessionId: stranger.sessionId,
  };
}

/** Whether a process is a log host that has a directory open, as it has those of its streams. */
function isHostOf(kernel: SupervisionKernel, pid: number, directoryFd: number): boolean {
  const fd = kernel.openRead(CWD, `/proc/${pid}/cmdline`);
  let words: string[];
  try {
    const buffer = new Uint8Array(COMMAND_SIZE);
    words = decode(buffer.subarray(0, Math.max(0, kernel.read(fd, buffer)))).split("\0");
  } finally {
    kernel.close(fd);
  }
  if (words[1] !== HOST_PROGRAM) return false;
  const own = kernel.lend(
    [directoryFd],
    ([fd]) => kernel.readLink(CWD, `/proc/self/fd/${fd}`),
  );
  return kernel.readDirectory(CWD, `/proc/${pid}/fd`).some((name) => {
    // The status of what is open could hang; where it leads to is known to the kernel alone.
    const its = unlessMissing(() => kernel.readLink(CWD, `/proc/${pid}/fd/${decode(name)}`));
    return its !== undefined && equalBytes(its, own);
  });
}

function readStatus(kernel: SupervisionKernel, directoryFd: number): Bytes | undefined {
  const fd = unlessMissing(() => kernel.openRead(directoryFd, STATUS));
  if (fd === undefined) return undefined;
  try {
    const buffer = new Uint8Array(STATUS_SIZE);
    return kernel.read(fd, buffer) === STATUS_SIZE ? buffer : undefined;
  } finally {
    kernel.close(fd);
  }
}
