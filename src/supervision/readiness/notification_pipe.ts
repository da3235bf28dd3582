/**
 * A pipe over which a service says that it is ready, as in s6: it gets the writing end at the
 * descriptor that its file `notification-fd` names, and is ready at the first newline.
 */

import type { SupervisionHost } from "../host.ts";

const NEWLINE = 0x0a;
/** So many bytes are looked at at a time. */
const PIECE_SIZE = 512;

/** The pipe of one start. */
export class NotificationPipe {
  readonly #host: SupervisionHost;
  readonly #onReady: () => void;
  #readFd: number | undefined;
  #writeFd: number | undefined;
  #isWatched = false;

  /**
   * Makes the pipe.
   *
   * @param onReady told once
   * @param handedFd its reading end, if a predecessor in this process has made it
   * @throws {SystemError} when there are too many descriptors
   */
  constructor(host: SupervisionHost, onReady: () => void, handedFd?: number) {
    this.#host = host;
    this.#onReady = onReady;
    this.#readFd = handedFd;
    if (handedFd !== undefined) return;
    const { readFd, writeFd } = host.kernel.pipe();
    this.#writeFd = writeFd;
    try {
      this.#readFd = host.kernel.keep(readFd);
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** The end that is read, as long as the service has not said anything. */
  get readFd(): number | undefined {
    return this.#readFd;
  }

  /** The end that the service is to have. */
  get writeFd(): number | undefined {
    return this.#writeFd;
  }

  /**
   * Waits for the newline, now that the service has its end.
   *
   * @throws {SystemError} when the pipe cannot be watched
   */
  begin(): void {
    if (this.#writeFd !== undefined) this.#host.kernel.close(this.#writeFd);
    this.#writeFd = undefined;
    const fd = this.#readFd;
    if (fd === undefined) return;
    this.#host.reactor.watch(fd, () => this.#read(fd));
    this.#isWatched = true;
  }

  /** Waits no more. */
  close(): void {
    const { kernel, reactor } = this.#host;
    if (this.#readFd !== undefined && this.#isWatched) reactor.unwatch(this.#readFd);
    for (const fd of [this.#readFd, this.#writeFd]) if (fd !== undefined) kernel.close(fd);
    this.#readFd = this.#writeFd = undefined;
    this.#isWatched = false;
  }

  #read(fd: number): void {
    const piece = new Uint8Array(PIECE_SIZE);
    const length = this.#host.kernel.read(fd, piece);
    if (length < 0) return;
    const isReady = piece.subarray(0, length).includes(NEWLINE);
    // The end of the pipe without a newline: it will never be ready.
    if (isReady || length === 0) this.close();
    if (isReady) this.#onReady();
  }
}
