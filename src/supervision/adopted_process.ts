/**
 * A service process that a supervisor which is gone has left: it is signalled and waited for
 * through a pidfd, and what it ends with cannot be known.
 *
 * Whether it is still the very process is certain: an id together with the time of the start is
 * given once in the life of a system, and a pidfd stays with its process.
 */

import { decode } from "../base/bytes.ts";
import { ERRNO } from "../base/errno.ts";
import { CWD } from "../base/kernel_constants.ts";
import { fatal } from "../base/messages.ts";
import { errnoOf, ignoreSystemError, unlessMissing } from "../base/system_error.ts";
import type { Timestamp } from "../base/tai64n.ts";
import type { Reactor } from "../reactor/reactor.ts";
import type { ProcessFacts } from "../system/kernel.ts";
import { keepChild } from "./child_process.ts";
import type { SupervisionHost, SupervisionKernel } from "./host.ts";
import type { ProcessRecord } from "./process_record.ts";
import type { ServiceDirectory } from "./service_directory.ts";
import { type OnProcessEnd, type ServiceProcess, signalGroup } from "./service_process.ts";

/** How much later than it was noted a process can have been started, in clock ticks. */
const LONGEST_START_TICKS = 500;
/** The same, where nothing else tells what process it is. */
const USUAL_START_TICKS = 100;
/** The process that gets orphans, where no other is appointed. */
export const INIT = 1;

/** Length of a clock tick, in milliseconds. */
export const MS_PER_TICK = 10;

/** How long ago, in milliseconds, a process was started, or, by its record, was about to be. */
export function ageMs(
  kernel: SupervisionKernel,
  { startTicks }: Pick<ProcessRecord | ProcessFacts, "startTicks">,
): number {
  return MS_PER_TICK * (kernel.bootTicks() - startTicks);
}

/** When a process was started, by the clock of now. */
export function startTime(kernel: SupervisionKernel, facts: ProcessFacts): Timestamp {
  const { seconds, nanoseconds } = kernel.now();
  const startMs = seconds * 1000 + Math.floor(nanoseconds / 1e6) - ageMs(kernel, facts);
  const startSeconds = Math.floor(startMs / 1000);
  return { seconds: startSeconds, nanoseconds: (startMs - startSeconds * 1000) * 1e6 };
}

/**
 * Takes over the process of a record, if it still runs.
 *
 * @param directory its service directory
 * @param onEnd told of its end; never called before this returns
 * @throws {ProgramEnd} when it runs and cannot be watched
 */
export function adoptLeft(
  host: SupervisionHost,
  directory: ServiceDirectory,
  left: ProcessRecord,
  onEnd: OnProcessEnd,
): ServiceProcess | undefined {
  let facts: ProcessFacts | undefined;
  try {
    facts = findLeftProcess(host.kernel, left, directory.fd);
  } catch (error) {
    fatal("supervise", ["unable to look for the process of ", directory.name], error);
  }
  if (left.phase !== "hosted" && facts?.parentPid === host.kernel.pid()) {
    return keepChild(host, facts.pid, onEnd);
  }
  try {
    return facts && adoptProcess(host, facts, onEnd);
  } catch (error) {
    fatal("supervise", ["unable to watch process ", `${facts?.pid} of `, directory.name], error);
  }
}

/**
 * Finds the process of a record: the one that it names, or the one that was started when its
 * supervisor was killed before it could note that.
 *
 * @param directoryFd the service directory
 * @returns undefined when it has ended, or was never started
 */
export function findLeftProcess(
  kernel: SupervisionKernel,
  record: ProcessRecord,
  directoryFd: number,
): ProcessFacts | undefined {
  if (record.phase === "none") return undefined;
  if (record.phase === "starting") return findStarted(kernel, record, directoryFd);
  const facts = kernel.findProcess(record.pid);
  if (facts?.startTicks !== record.startTicks) return undefined;
  // What a child of ours ended with is still to be told.
  const isKnown = record.phase !== "hosted" && facts.parentPid === kernel.pid();
  return facts.hasEnded && !isKnown ? undefined : facts;
}

/**
 * Looks for a process that was started and not noted. It began soon after the note that it was
 * about to, and it is in the session of its supervisor, or in one that it made (pgrphack). Most are
 * still in the service directory, or have the pipe of the log. One that is not was started by
 * nobody else: after the note its supervisor started nothing more, and whoever has another parent
 * than the one that orphans get was started by that.
 *
 * Until it executes `run` it holds our predecessor's locks, so it has done that by now.
 */
function findStarted(
  kernel: SupervisionKernel,
  record: ProcessRecord,
  directoryFd: number,
): ProcessFacts | undefined {
  const own = kernel.pid();
  const later = kernel.processesSince(record.startTicks).filter((facts) =>
    !facts.hasEnded && facts.pid !== own && facts.parentPid !== own &&
    facts.startTicks <= record.startTicks + LONGEST_START_TICKS
  );
  const inPlace = later.filter(({ pid, sessionId }) =>
    (sessionId === record.sessionId || sessionId === pid) &&
    (isInDirectory(kernel, pid, directoryFd) || hasPipe(kernel, pid, record.pipeInode))
  );
  const orphans = later.filter(({ parentPid, sessionId, startTicks }) =>
    sessionId === record.sessionId && startTicks <= record.startTicks + USUAL_START_TICKS &&
    (parentPid === INIT || kernel.findProcess(parentPid)?.sessionId !== sessionId)
  );
  return firstOf(inPlace) ?? firstOf(orphans);
}

/** The process that started first; what it started itself has it as parent. */
function firstOf(candidates: readonly ProcessFacts[]): ProcessFacts | undefined {
  const pids = new Set(candidates.map(({ pid }) => pid));
  const heads = candidates.filter(({ parentPid }) => !pids.has(parentPid));
  heads.sort((a, b) => a.startTicks - b.startTicks || a.pid - b.pid);
  return heads[0];
}

/** Whether a process has a directory as its working directory; false where that cannot be known. */
export function isInDirectory(
  kernel: SupervisionKernel,
  pid: number,
  directoryFd: number,
): boolean {
  try {
    const own = kernel.statFd(directoryFd);
    const other = kernel.stat(CWD, `/proc/${pid}/cwd`);
    return own.inode === other.inode && own.device === other.device;
  } catch (error) {
    // It has ended, or is none of ours.
    ignoreSystemError(error);
    return false;
  }
}

function hasPipe(kernel: SupervisionKernel, pid: number, inode: bigint): boolean {
  try {
    return pipeDescriptor(kernel, pid, inode) !== undefined;
  } catch (error) {
    ignoreSystemError(error);
    return false;
  }
}

/**
 * The descriptor with which a process has a pipe open.
 *
 * @param inode of the pipe; 0 for none
 * @returns undefined when it has not
 * @throws {SystemError} when the process cannot be looked into
 */
export function pipeDescriptor(
  kernel: SupervisionKernel,
  pid: number,
  inode: bigint,
): number | undefined {
  if (inode === 0n) return undefined;
  const directory = `/proc/${pid}/fd`;
  const names = unlessMissing(() => kernel.readDirectory(CWD, directory)) ?? [];
  const pipe = `pipe:[${inode}]`;
  return names.map((name) => Number(decode(name))).find((fd) => {
    // The status of what is open could hang; where it leads to is known to the kernel alone.
    const target = unlessMissing(() => kernel.readLink(CWD, `${directory}/${fd}`));
    return target !== undefined && decode(target) === pipe;
  });
}

/**
 * Follows a process that the service has started and named as itself. What it ends with is known
 * when it is our child by then: when whoever has started it has ended.
 *
 * @param facts the process, as it was found
 * @param onEnd told of its end; never called before this returns
 * @returns undefined when it has ended meanwhile
 * @throws {SystemError} when it runs and cannot be watched
 */
export function followProcess(
  host: Pick<SupervisionHost, "kernel" | "reactor" | "children">,
  facts: ProcessFacts,
  onEnd: OnProcessEnd,
): ServiceProcess | undefined {
  const { children } = host;
  let waitStatus: number | undefined;
  const keep = (status: number) => void (waitStatus = status);
  children.keep(facts.pid, keep);
  let process: ServiceProcess | undefined;
  try {
    process = adoptProcess(host, facts, () => {
      children.reapAll();
      children.forget(facts.pid, keep);
      onEnd(waitStatus);
    });
  } finally {
    if (process === undefined) children.forget(facts.pid, keep);
  }
  return process;
}

/**
 * Takes a process over.
 *
 * @param facts the process, as it was found
 * @param onEnd told of its end; never called before this returns
 * @returns undefined when it has ended meanwhile
 * @throws {SystemError} when it runs and cannot be watched
 */
function adoptProcess(
  host: { readonly kernel: SupervisionKernel; readonly reactor: Reactor },
  facts: ProcessFacts,
  onEnd: OnProcessEnd,
): ServiceProcess | undefined {
  const { kernel, reactor } = host;
  const { pid, startTicks } = facts;
  let pidFd: number;
  try {
    pidFd = kernel.keep(kernel.openProcess(pid));
  } catch (error) {
    if (errnoOf(error) === ERRNO.ESRCH) return undefined;
    throw error;
  }
  try {
    // Only now is it certain whose descriptor that is.
    const now = kernel.findProcess(pid);
    if (now?.startTicks !== startTicks || now.hasEnded) {
      kernel.close(pidFd);
      return undefined;
    }
    reactor.watch(pidFd, () => {
      reactor.unwatch(pidFd);
      kernel.close(pidFd);
      hasEnded = true;
      onEnd(undefined);
    });
  } catch (error) {
    kernel.close(pidFd);
    throw error;
  }
  let hasEnded = false;
  return {
    pid,
    kind: "adopted",
    signal(number, toGroup = false) {
      if (hasEnded) return;
      try {
        // Nobody else has its id as long as it can be signalled.
        if (toGroup) kernel.signal(pidFd, 0);
        if (toGroup && signalGroup(kernel, pid, number)) return;
        kernel.signal(pidFd, number);
      } catch (error) {
        if (errnoOf(error) !== ERRNO.ESRCH) throw error;
      }
    },
  };
}
