/**
 * What an earlier supervisor has left, as the status record tells it: for a process record that
 * makes no sense, or is of another version. A second copy of a service would be worse than a guess
 * that everything speaks for.
 */

import { type Bytes, encode, equalBytes } from "../base/bytes.ts";
import { decodeStatus, STATUS_SIZE } from "../base/status_record.ts";
import { ignoreSystemError, unlessMissing } from "../base/system_error.ts";
import { TAI64_OFFSET } from "../base/tai64n.ts";
import { CWD } from "../base/kernel_constants.ts";
import type { SupervisionKernel } from "./host.ts";
import type { ProcessRecord } from "./process_record.ts";

/** A status is written right after the start; the clock may have been set a little since. */
const TOLERANCE_SECONDS = 3;
const TICKS_PER_SECOND = 100;
const STATUS = "supervise/status";
const LOGGER = encode("/log");

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
 * directory and was started when it says.
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
    const ageSeconds = (kernel.bootTicks() - facts.startTicks) / TICKS_PER_SECOND;
    const shownSeconds = kernel.now().seconds - since.seconds;
    const own = kernel.statFd(directoryFd);
    const its = kernel.stat(CWD, `/proc/${pid}/cwd`);
    const fits = Math.abs(ageSeconds - shownSeconds) <= TOLERANCE_SECONDS &&
      own.inode === its.inode && own.device === its.device;
    if (!fits) return undefined;
    const pipe = unlessMissing(() => kernel.stat(CWD, `/proc/${pid}/fd/${pipeFd}`));
    return {
      bootId: kernel.bootId(),
      phase: "running",
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
