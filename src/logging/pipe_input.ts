/**
 * Input from a pipe that stays in the pipe while it is looked at.
 *
 * A kill takes what was read and not yet written. To put lines together takes far longer than to
 * read or to write them. So what small reads give is put together while it is still in the pipe, and
 * is taken out right before it is written. Where much comes for long, this would cost speed.
 */

import { type Bytes, equalBytes } from "../base/bytes.ts";
import { ignoreSystemError } from "../base/system_error.ts";
import type { Kernel } from "../system/kernel.ts";

/** Larger reads take at once what they give, in bytes. */
export const LARGEST_LOOK = 8192;

/** What looking into a pipe needs of the kernel. */
export type PipeKernel = Pick<Kernel, "pipe" | "read" | "readNow" | "tee">;

/** A pipe of ours, which is empty between two looks: all inputs of a process can share it. */
export class LookPipe {
  readonly #kernel: PipeKernel;
  #ends: ReturnType<Kernel["pipe"]> | undefined;
  /** For what is taken out of a pipe. */
  readonly taken: Bytes = new Uint8Array(LARGEST_LOOK);

  /** Makes the pipe when it is first needed. */
  constructor(kernel: PipeKernel) {
    this.#kernel = kernel;
  }

  /**
   * Copies what waits in a pipe.
   *
   * @param into filled from its beginning
   * @returns what `read` would return, without a wait
   * @throws {SystemError} EINVAL where `fd` is no pipe; when a pipe cannot be had
   */
  look(fd: number, into: Bytes): number {
    this.#ends ??= this.#kernel.pipe();
    const { readFd, writeFd } = this.#ends;
    const count = this.#kernel.tee(fd, writeFd, into.length);
    return count > 0 ? this.#kernel.read(readFd, into.subarray(0, count)) : count;
  }
}

/** One input. What is no pipe is simply read. */
export class PipeInput {
  readonly #kernel: PipeKernel;
  readonly #lookPipe: LookPipe;
  readonly #fd: number;
  /** Whether looking tells what a read will give. */
  #canLook = true;
  #seen: Bytes | undefined;
  #taken: Bytes | undefined;

  /** Looks by way of `lookPipe`; `fd` stays its owner's to close. */
  constructor(kernel: PipeKernel, lookPipe: LookPipe, fd: number) {
    this.#kernel = kernel;
    this.#lookPipe = lookPipe;
    this.#fd = fd;
  }

  /**
   * Reads once, and never waits; what is given may have to be taken out yet, with
   * {@linkcode takeOut}.
   *
   * @param into filled from its beginning
   * @returns how many bytes there were; 0 at the end of input; WOULD_BLOCK
   * @throws {SystemError} `read`
   */
  read(into: Bytes): number {
    const count = this.#look(into);
    if (count === undefined) return this.#kernel.readNow(this.#fd, into);
    if (count > 0) this.#seen = into.subarray(0, count);
    return count;
  }

  /**
   * Takes out of the pipe what the last read has left in it. To be called when only writing is left.
   *
   * @throws {SystemError} `read`
   */
  takeOut(): void {
    if (this.#seen === undefined) return;
    const { taken } = this.#lookPipe;
    const count = this.#kernel.readNow(this.#fd, taken.subarray(0, this.#seen.length));
    this.#taken = taken.subarray(0, Math.max(0, count));
  }

  /**
   * What was taken out without having been seen: somebody else reads the same pipe. To be called
   * after each {@linkcode takeOut}, when all is written.
   */
  unseen(): Bytes | undefined {
    const [seen, taken] = [this.#seen, this.#taken];
    this.#seen = this.#taken = undefined;
    if (seen === undefined || taken === undefined || equalBytes(seen, taken)) return undefined;
    this.#canLook = false;
    return taken;
  }

  #look(into: Bytes): number | undefined {
    if (!this.#canLook || into.length > LARGEST_LOOK) return undefined;
    try {
      return this.#lookPipe.look(this.#fd, into);
    } catch (error) {
      // It is no pipe, or there is no descriptor left for ours.
      ignoreSystemError(error);
      this.#canLook = false;
      return undefined;
    }
  }
}
