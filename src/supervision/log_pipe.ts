/** The pipe from a service to its logger. */

import type { Bytes } from "../base/bytes.ts";
import { concat } from "../base/bytes.ts";
import { ERRNO } from "../base/errno.ts";
import { SystemError, unlessMissing } from "../base/system_error.ts";
import { findLeftProcess, pipeDescriptor } from "./adopted_process.ts";
import type { SupervisionKernel } from "./host.ts";
import { pipeFdOf } from "./left_status.ts";
import { readProcessRecord } from "./process_recorder.ts";

/** The descriptors of a pipe. */
export interface PipeEnds {
  /** What the logger reads. */
  readonly readFd: number;
  /** What the service writes to. */
  readonly writeFd: number;
}

/**
 * Both ends of a pipe. They are held open so that neither side's restart loses a byte, or meets
 * the other's end.
 */
export class LogPipe {
  /** What the logger reads. */
  readonly readFd: number;
  /** What the service writes to. */
  readonly writeFd: number;
  readonly #kernel: SupervisionKernel;
  #open: readonly number[];

  /**
   * Holds a pipe.
   *
   * @param ends both ends, which it closes one day
   * @throws {SystemError} when descriptors are too short for that; then they are closed
   */
  constructor(kernel: SupervisionKernel, { readFd, writeFd }: PipeEnds) {
    this.#kernel = kernel;
    this.#open = [readFd, writeFd];
    try {
      this.readFd = this.#keep(readFd);
      this.writeFd = this.#keep(writeFd);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Both ends; undefined when not both are open. */
  get ends(): PipeEnds | undefined {
    return this.#open.length === 2 ? { readFd: this.readFd, writeFd: this.writeFd } : undefined;
  }

  /** How many ends are open. */
  get descriptorCount(): number {
    return this.#open.length;
  }

  /** How many bytes nobody has read yet. */
  get bytesWaiting(): number {
    return this.#kernel.bytesWaiting(this.readFd);
  }

  /** Gives up the end that the service writes to, so that the logger meets the end of its input. */
  closeWriteEnd(): void {
    this.#close(this.writeFd);
  }

  /** Gives up both ends. */
  close(): void {
    for (const fd of this.#open) this.#close(fd);
  }

  #keep(fd: number): number {
    this.#open = this.#open.filter((each) => each !== fd);
    const kept = this.#kernel.keep(fd);
    // A spread would leave room for many more.
    this.#open = this.#open.concat([kept]);
    return kept;
  }

  #close(fd: number): void {
    if (!this.#open.includes(fd)) return;
    this.#open = this.#open.filter((each) => each !== fd);
    this.#kernel.close(fd);
  }
}

/**
 * The pipe that a service or its logger, left by a supervisor that was killed, still has open.
 * What nobody has read yet is in it.
 *
 * @param at the directory that holds the service
 * @param name its name there
 * @returns undefined when nothing is left, or what is left has no pipe
 * @throws {SystemError} when there is one and it cannot be opened
 */
export function recoverPipe(
  kernel: SupervisionKernel,
  at: number,
  name: Bytes,
): PipeEnds | undefined {
  for (const path of [name, concat(name, "/log")]) {
    const ends = pipeOfLeftProcess(kernel, at, path);
    if (ends !== undefined) return ends;
  }
  return undefined;
}

function pipeOfLeftProcess(
  kernel: SupervisionKernel,
  at: number,
  path: Bytes,
): PipeEnds | undefined {
  const directoryFd = unlessMissing(() => kernel.openDirectory(at, path));
  if (directoryFd === undefined) return undefined;
  try {
    const record = readProcessRecord(kernel, { directoryFd, pipeFd: pipeFdOf(path) });
    if (record === undefined || record.pipeInode === 0n) return undefined;
    const pid = findLeftProcess(kernel, record, directoryFd)?.pid;
    const fd = pid && pipeDescriptor(kernel, pid, record.pipeInode);
    if (pid === undefined || fd === undefined) return undefined;
    const ends = kernel.reopenPipe(pid, fd);
    if (kernel.statFd(ends.readFd).inode === record.pipeInode) return ends;
    kernel.close(ends.readFd);
    kernel.close(ends.writeFd);
    throw new SystemError("open", ERRNO.ESRCH);
  } finally {
    kernel.close(directoryFd);
  }
}
