/** The pipe from a service to its logger. */

import type { SupervisionKernel } from "./host.ts";

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
  readonly #open: Set<number>;

  /**
   * Makes a pipe.
   *
   * @throws {SystemError} when there is none to be had
   */
  constructor(kernel: SupervisionKernel) {
    const { readFd, writeFd } = kernel.pipe();
    this.readFd = readFd;
    this.writeFd = writeFd;
    this.#kernel = kernel;
    this.#open = new Set([readFd, writeFd]);
  }

  /** How many ends are open. */
  get descriptorCount(): number {
    return this.#open.size;
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
    for (const fd of [...this.#open]) this.#close(fd);
  }

  #close(fd: number): void {
    if (this.#open.delete(fd)) this.#kernel.close(fd);
  }
}
