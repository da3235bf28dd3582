/**
 * Input from a pipe that stays in the pipe while it is looked at.
 *
 * A kill takes what was read and not yet written. To put lines together takes far longer than to
 * read or to write them. So what small reads give is put together while it is still in the pipe, and
 * is taken out right before it is written. Where much comes for long, this would cost speed.
 *
 * Where a read cuts a line, the beginning of that line is seen and stays in the pipe until the next
 * read: who logs keeps it back, and a kill would take it.
 */

import { type Bytes, equalBytes } from "../base/bytes.ts";
import { WOULD_BLOCK } from "../base/kernel_constants.ts";
import { ignoreSystemError } from "../base/system_error.ts";
import type { Kernel } from "../system/kernel.ts";

/** Larger reads take at once what they give, in bytes. */
export const LARGEST_LOOK = 8192;

/** So much of a line that is cut may stay, in bytes: who logs has written nothing of it by then. */
const LONGEST_STAY = 512;
const NEWLINE = 0x0a;

/** What looking into a pipe needs of the kernel. */
export type PipeKernel = Pick<Kernel, "pipe" | "read" | "readNow" | "tee">;

/** A pipe of ours, which is empty between two looks: all inputs of a process can share it. */
export class LookPipe {
  readonly #kernel: PipeKernel;
  #ends: ReturnType<Kernel["pipe"]> | undefined;
  /** For what is taken out of a pipe. */
  readonly taken: Bytes = new Uint8Array(LONGEST_STAY + LARGEST_LOOK);

  /** Makes the pipe when it is first needed. */
  constructor(kernel: PipeKernel) {
    this.#kernel = kernel;
  }

  /**
   * Copies what waits in a pipe.
   *
   * @param skipped how much at its beginning is left out, in bytes
   * @param into filled from its beginning
   * @returns what `read` would return, without a wait
   * @throws {SystemError} EINVAL where `fd` is no pipe; when a pipe cannot be had
   */
  look(fd: number, skipped: number, into: Bytes): number {
    this.#ends ??= this.#kernel.pipe();
    const { readFd, writeFd } = this.#ends;
    const count = this.#kernel.tee(fd, writeFd, skipped + into.length);
    if (count <= 0) return count;
    if (skipped > 0) this.#kernel.read(readFd, this.taken.subarray(0, Math.min(skipped, count)));
    if (count <= skipped) return WOULD_BLOCK;
    return this.#kernel.read(readFd, into.subarray(0, count - skipped));
  }
}

/** One input. What is no pipe is simply read. */
export class PipeInput {
  readonly #kernel: PipeKernel;
  readonly #lookPipe: LookPipe;
  readonly #fd: number;
  /** Whether looking tells what a read will give. */
  #canLook = true;
  /** What the last read gave, as far as it is to be taken out; undefined where nothing is. */
  #seen: Bytes | undefined;
  /** How much was taken out of that, and of what stayed before; undefined where nothing was yet. */
  #takenCount: number | undefined;
  /** How much lies before that in the pipe, seen by the read before, in bytes. */
  #staying = 0;
  /** How much will stay behind it. */
  #nextStaying = 0;

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
    if (count !== undefined && count > 0) {
      const end = count < into.length ? count : endOfLines(into);
      this.#seen = into.subarray(0, end);
      this.#nextStaying = count - end;
      return count;
    }
    // Nothing follows what stays, or it is read in another way.
    if (this.#staying > 0) this.#takeFromPipe(this.#staying);
    this.#staying = 0;
    return count ?? this.#kernel.readNow(this.#fd, into);
  }

  /**
   * Takes out of the pipe what the last read has left in it. To be called when only writing is left;
   * a second call does nothing.
   */
  takeOut(): void {
    if (this.#seen === undefined || this.#takenCount !== undefined) return;
    this.#takenCount = this.#takeFromPipe(this.#staying + this.#seen.length);
  }

  /**
   * What was taken out without having been seen: somebody else reads the same pipe. To be called
   * after each {@linkcode takeOut}, when all is written.
   */
  unseen(): Bytes | undefined {
    const [seen, count, skipped] = [this.#seen, this.#takenCount, this.#staying];
    if (seen === undefined || count === undefined) return undefined;
    this.#seen = this.#takenCount = undefined;
    this.#staying = this.#nextStaying;
    const taken = this.#lookPipe.taken.subarray(0, Math.max(0, count));
    if (equalBytes(seen, taken.subarray(skipped))) return undefined;
    this.#canLook = false;
    // What stayed is anywhere by now.
    this.#staying = 0;
    return taken;
  }

  #takeFromPipe(length: number): number {
    try {
      return this.#kernel.readNow(this.#fd, this.#lookPipe.taken.subarray(0, length));
    } catch (error) {
      // The next read says what is wrong.
      ignoreSystemError(error);
      return 0;
    }
  }

  #look(into: Bytes): number | undefined {
    if (!this.#canLook || into.length > LARGEST_LOOK) return undefined;
    try {
      return this.#lookPipe.look(this.#fd, this.#staying, into);
    } catch (error) {
      // It is no pipe, or there is no descriptor left for ours.
      ignoreSystemError(error);
      this.#canLook = false;
      return undefined;
    }
  }
}

/** Where the line begins that is cut at the end; the end itself, where that is far away. */
function endOfLines(bytes: Bytes): number {
  const end = bytes.lastIndexOf(NEWLINE) + 1;
  return end > 0 && bytes.length - end <= LONGEST_STAY ? end : bytes.length;
}
