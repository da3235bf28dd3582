/**
 * Keeps `supervise/process` up to date, and reads what an earlier supervisor has left there.
 *
 * The record is written before a signal is sent and before a process is started, so that a
 * supervisor which is killed in between has told its successor what was wanted.
 */

import { fatal, type Reporter } from "../base/messages.ts";
import { ERRNO } from "../base/errno.ts";
import { errnoOf, ignoreSystemError, unlessMissing } from "../base/system_error.ts";
import type { SupervisionKernel } from "./host.ts";
import { type LeftPlace, pipeFdOf, recordFromStatus, recordOfUnknown } from "./left_status.ts";
import type { Observer, Snapshot } from "./observer.ts";
import {
  decodeProcessRecord,
  encodeProcessRecord,
  isProcessRecord,
  type Phase,
  PROCESS_RECORD_SIZE,
  type ProcessRecord,
} from "./process_record.ts";
import type { ServiceDirectory } from "./service_directory.ts";

const FILE = "supervise/process";

/**
 * Reads what an earlier supervisor has left. Where its record makes no sense, the status record
 * may tell.
 *
 * @returns undefined when nothing is known to be left; one of phase `none` with a pid when that
 *   process may be what was left
 * @throws {SystemError} when it cannot be read: then a process may have been left
 */
export function readProcessRecord(
  kernel: SupervisionKernel,
  place: LeftPlace,
): ProcessRecord | undefined {
  const fd = unlessMissing(() => kernel.openRead(place.directoryFd, FILE));
  if (fd === undefined) return undefined;
  try {
    // What is behind it was there before: a record is written in place.
    const buffer = new Uint8Array(PROCESS_RECORD_SIZE);
    const bytes = buffer.slice(0, Math.max(0, kernel.read(fd, buffer)));
    if (!isProcessRecord(bytes)) {
      return recordFromStatus(kernel, place) ?? recordOfUnknown(kernel, place);
    }
    return decodeProcessRecord(bytes, kernel.bootId());
  } finally {
    kernel.close(fd);
  }
}

function phaseOf({ pid, finishPid, isHosted }: Snapshot): Phase {
  if (pid !== 0) return isHosted ? "hosted" : "running";
  return finishPid !== 0 ? "finishing" : "none";
}

/** Writes the record of one service. */
export class ProcessRecorder implements Observer {
  readonly #kernel: SupervisionKernel;
  readonly #directory: ServiceDirectory;
  readonly #reporter: Reporter;
  #startTicks = 0;
  #pipeInode = 0n;
  #pid = 0;
  #isFailing = false;

  /** @param directory whose lock we have */
  constructor(directory: ServiceDirectory, kernel: SupervisionKernel, reporter: Reporter) {
    this.#directory = directory;
    this.#kernel = kernel;
    this.#reporter = reporter;
  }

  /**
   * What an earlier supervisor has left; undefined when it left nothing.
   *
   * @throws {ProgramEnd} when that cannot be known
   */
  read(): ProcessRecord | undefined {
    let record: ProcessRecord | undefined;
    try {
      const { fd: directoryFd, name } = this.#directory;
      record = readProcessRecord(this.#kernel, { directoryFd, pipeFd: pipeFdOf(name) });
    } catch (error) {
      fatal("supervise", ["unable to read ", this.#directory.name, `/${FILE}`], error);
    }
    if (record?.phase === "none" && record.pid !== 0) {
      const what =
        `: its records make no sense, and process ${record.pid} runs there: not started; `;
      this.#reporter.warning([this.#directory.name, what, "see to that process, then use svc -u"]);
    }
    if (record !== undefined) {
      this.#startTicks = record.startTicks;
      this.#pipeInode = record.pipeInode;
    }
    return record;
  }

  /**
   * Takes note that a process is about to be started.
   *
   * @param pipeFd either end of the pipe between the service and its log, if there is one
   */
  aboutToStart(snapshot: Snapshot, pipeFd: number | undefined): void {
    this.#startTicks = this.#kernel.bootTicks();
    this.#pipeInode = pipeFd === undefined ? 0n : this.#kernel.statFd(pipeFd).inode;
    this.#pid = 0;
    this.#write(snapshot, "starting");
  }

  changed(snapshot: Snapshot): void {
    if (snapshot.state === "ended") return this.#remove();
    const pid = snapshot.pid || snapshot.finishPid;
    if (pid !== 0 && pid !== this.#pid && !this.#findStart(pid)) {
      // The successor looks for it, as it would if we had been killed by now.
      return this.#write(snapshot, "starting");
    }
    this.#pid = pid;
    this.#write(snapshot, phaseOf(snapshot));
  }

  /** Finds out when a process was started; false when that cannot be done now. */
  #findStart(pid: number): boolean {
    try {
      // It has not been reaped, so there are facts even when it has ended.
      this.#startTicks = this.#kernel.findProcess(pid)?.startTicks ?? this.#startTicks;
      return true;
    } catch (error) {
      ignoreSystemError(error);
      return false;
    }
  }

  #write(snapshot: Snapshot, phase: Phase): void {
    const record = encodeProcessRecord({
      bootId: this.#kernel.bootId(),
      phase,
      pid: phase === "starting" ? 0 : this.#pid,
      startTicks: this.#startTicks,
      paused: snapshot.isPaused,
      want: snapshot.want,
      leaving: snapshot.leaving,
      since: snapshot.since,
      pipeInode: this.#pipeInode,
      sessionId: this.#kernel.sessionId(),
    });
    try {
      const fd = this.#open();
      try {
        this.#kernel.write(fd, record);
      } finally {
        this.#kernel.close(fd);
      }
      this.#isFailing = false;
    } catch (error) {
      // In a directory that was removed, which is told elsewhere.
      if (errnoOf(error) !== ERRNO.ENOENT) this.#tell("write", error);
    }
  }

  #open(): number {
    const { fd } = this.#directory;
    return unlessMissing(() => this.#kernel.openWrite(fd, FILE)) ??
      this.#kernel.openAppend(fd, FILE);
  }

  /** The next supervisor starts from the files of the service, not from what was wanted here. */
  #remove(): void {
    try {
      unlessMissing(() => this.#kernel.unlink(this.#directory.fd, FILE));
    } catch (error) {
      this.#tell("remove", error);
    }
  }

  #tell(what: string, error: unknown): void {
    if (this.#isFailing) return ignoreSystemError(error);
    this.#isFailing = true;
    this.#reporter.warning([`unable to ${what} `, this.#directory.name, `/${FILE}`], error);
  }
}
