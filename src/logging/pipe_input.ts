/**
 * Input from a pipe that stays in the pipe while it is looked at.
 *
 * A kill takes what was read and not yet written. So lines are put together, and written, while
 * what they came from is still in the pipe; who logs says when it is to be taken out, all of it or
 * one part after the other.
 *
 * Where a read cuts a line, the beginning of that line is seen and stays in the pipe until the next
 * read: who logs keeps it back, and a kill would take it.
 */

import type { Bytes } from "../base/bytes.ts";
import { WOULD_BLOCK } from "../base/kernel_constants.ts";
import { ignoreSystemError } from "../base/system_error.ts";
import type { Kernel } from "../system/kernel.ts";

/** What is read at once is looked at up to this size, in bytes: who writes can fill the rest of a pipe. */
export const LARGEST_LOOK = 57344;
/** So much of a line that is cut may stay, in bytes: who logs has written nothing of it by then. */
export const LONGEST_STAY = 512;
const NEWLINE = 0x0a;
/** So many bytes of what was taken out are compared with what was seen, where there is more. */
const COMPARED = 1024;

/** What looking into a pipe needs of the kernel. */
export type PipeKernel = Pick<Kernel, "pipe" | "read" | "readNow" | "statFd" | "tee">;

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
  /** Up to which size a read is a look; 0 where looking does not tell what a read will give. */
  #largestLook: number;
  /** What is still in the pipe and is to be taken out; undefined where nothing is. */
  #waiting: Bytes | undefined;
  /** Where in what the last read filled that begins. */
  #waitingAt = 0;
  /** How much lies before what the next read gives, seen by the read before, in bytes. */
  #staying = 0;
  /** How much will stay behind what is to be taken out. */
  #nextStaying = 0;
  #start = 0;
  #unseen: Bytes | undefined;
  #inode: bigint | undefined;

  /**
   * Looks by way of `lookPipe`; `fd` stays its owner's to close.
   *
   * @param largestLook larger reads take at once what they give, in bytes
   */
  constructor(kernel: PipeKernel, lookPipe: LookPipe, fd: number, largestLook = LARGEST_LOOK) {
    this.#kernel = kernel;
    this.#lookPipe = lookPipe;
    this.#fd = fd;
    this.#largestLook = largestLook;
  }

  /** Whether reads up to {@linkcode LARGEST_LOOK} leave in the pipe what they give. */
  get isLooking(): boolean {
    return this.#largestLook === LARGEST_LOOK;
  }

  /**
   * The number of the pipe, which tells it from others.
   *
   * @throws {SystemError} `stat`
   */
  get inode(): bigint {
    return this.#inode ??= this.#kernel.statFd(this.#fd).inode;
  }

  /** Where the last read has put what it gave: behind what stayed. */
  get start(): number {
    return this.#start;
  }

  /**
   * Reads once, and never waits; what is given may have to be taken out yet, with
   * {@linkcode takeOut}. All that was given before has been taken out.
   *
   * @param memory filled from {@linkcode start} on; larger than `size` by LONGEST_STAY
   * @param size how much is read at most, in bytes
   * @returns how many bytes there were; 0 at the end of input; WOULD_BLOCK
   * @throws {SystemError} `read`
   */
  read(memory: Bytes, size: number): number {
    const count = this.#look(memory, size);
    if (count !== undefined && count > 0) {
      this.#start = this.#staying;
      const seen = memory.subarray(this.#start, this.#start + count);
      const end = this.#start + (count < size ? count : endOfLines(seen));
      this.#waiting = memory.subarray(0, end);
      this.#waitingAt = 0;
      this.#nextStaying = this.#start + count - end;
      return count;
    }
    // Nothing follows what stays, or it is read in another way.
    if (this.#staying > 0) this.#takeFromPipe(this.#staying);
    this.#staying = this.#start = 0;
    return count ?? this.#kernel.readNow(this.#fd, memory.subarray(0, size));
  }

  /**
   * What is still in the pipe of what the last read gave, and of what stayed before.
   *
   * @param end up to here, as a place in what was given
   * @returns undefined where nothing is left, or nothing of it can be told
   */
  waiting(end = Infinity): Bytes | undefined {
    const waiting = this.#waiting?.subarray(0, Math.max(0, this.#start + end - this.#waitingAt));
    return waiting !== undefined && waiting.length > 0 ? waiting : undefined;
  }

  /** To be called when the memory that was read into is needed before all is taken out. */
  keep(): void {
    this.#waiting = this.#waiting?.slice();
  }

  /**
   * Takes out of the pipe what the last read has left in it; does nothing where nothing is left.
   *
   * @param end up to here, as a place in what was given
   */
  takeOut(end = Infinity): void {
    const waiting = this.waiting(end);
    if (waiting === undefined) return;
    const count = this.#takeFromPipe(waiting.length);
    const taken = this.#lookPipe.taken.subarray(0, Math.max(0, count));
    if (!isSame(waiting, taken)) {
      // Somebody else reads the same pipe. What stayed is anywhere by now.
      this.#unseen = taken.slice();
      this.#waiting = undefined;
      this.#largestLook = this.#staying = 0;
      return;
    }
    this.#waitingAt += waiting.length;
    const rest = this.#waiting!.subarray(waiting.length);
    this.#waiting = rest.length > 0 ? rest : undefined;
    if (rest.length === 0) this.#staying = this.#nextStaying;
  }

  /** What was taken out without having been given, since this was asked last: it is to be logged. */
  unseen(): Bytes | undefined {
    const unseen = this.#unseen;
    this.#unseen = undefined;
    return unseen;
  }

  /**
   * Looks at what is next in the pipe.
   *
   * @returns so many bytes; undefined where there are not so many, or none can be looked at
   */
  peek(length: number): Bytes | undefined {
    const { taken } = this.#lookPipe;
    if (length > taken.length) return undefined;
    try {
      const count = this.#lookPipe.look(this.#fd, taken.subarray(0, length));
      return count === length ? taken.slice(0, count) : undefined;
    } catch (error) {
      ignoreSystemError(error);
      return undefined;
    }
  }

  /**
   * Takes out what {@linkcode peek} gave: it is logged already, but for the beginning of a line
   * that it was cut in.
   */
  drop(bytes: Bytes): void {
    this.#takeFromPipe(endOfLines(bytes));
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

  #look(memory: Bytes, size: number): number | undefined {
    if (size > this.#largestLook) return undefined;
    try {
      const count = this.#lookPipe.look(this.#fd, memory.subarray(0, this.#staying + size));
      if (count <= 0) return count;
      return count > this.#staying ? count - this.#staying : WOULD_BLOCK;
    } catch (error) {
      // It is no pipe, or there is no descriptor left for ours.
      ignoreSystemError(error);
      this.#largestLook = 0;
      return undefined;
    }
  }
}

/** Whether two byte strings are the same, by bytes from all over them: who else reads shifts all. */
function isSame(a: Bytes, b: Bytes): boolean {
  if (a.length !== b.length) return false;
  const [step, last] = [Math.ceil(a.length / COMPARED), a.length - 1];
  for (let at = 0; at <= last; at += step) if (a[last - at] !== b[last - at]) return false;
  return true;
}

/** Where the line begins that is cut at the end; the end itself, where that is far away. */
function endOfLines(bytes: Bytes): number {
  const end = bytes.lastIndexOf(NEWLINE) + 1;
  return end > 0 && bytes.length - end <= LONGEST_STAY ? end : bytes.length;
}
