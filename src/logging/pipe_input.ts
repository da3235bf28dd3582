/**
 * Input from a pipe that stays in the pipe while it is looked at.
 *
 * A kill takes what was read and not yet written. So lines are put together, and written, while
 * what they came from is still in the pipe; who logs says when it is to be taken out, all of it or
 * one part after the other.
 */

import type { Bytes } from "../base/bytes.ts";
import { ignoreSystemError } from "../base/system_error.ts";
import type { Kernel } from "../system/kernel.ts";

/** What is read at once is looked at up to this size, in bytes: who writes can fill the rest of a pipe. */
export const LARGEST_LOOK = 57344;
/** So many bytes of what was taken out are compared with what was seen, where there is more. */
const COMPARED = 1024;

/** What looking into a pipe needs of the kernel. */
export type PipeKernel = Pick<Kernel, "pipe" | "read" | "readNow" | "splice" | "statFd" | "tee">;

/** A byte of a file. */
export interface TakenMark {
  /** The file, open for writing, not for appending. */
  readonly fd: number;
  /** Where it is in the file. */
  readonly offset: number;
}

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

  /**
   * Takes something out of a pipe that was looked into; never waits where somebody else was faster.
   *
   * @param into filled from its beginning
   * @returns how much, in bytes
   * @throws {SystemError} `read`
   */
  take(fd: number, into: Bytes): number {
    const { readFd, writeFd } = this.#ends!;
    let count = 0;
    try {
      while (count < into.length) {
        const moved = this.#kernel.splice(fd, writeFd, into.length - count);
        if (moved <= 0) return count;
        count += this.#kernel.read(readFd, into.subarray(count, count + moved));
      }
    } catch (error) {
      // A sandbox may forbid that.
      ignoreSystemError(error);
      count += Math.max(0, this.#kernel.readNow(fd, into.subarray(count)));
    }
    return count;
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

  /**
   * Reads once, and never waits; what is given may have to be taken out yet, with
   * {@linkcode takeOut}. All that was given before has been taken out.
   *
   * @param memory filled from its beginning
   * @returns how many bytes there were; 0 at the end of input; WOULD_BLOCK
   * @throws {SystemError} `read`
   */
  read(memory: Bytes): number {
    const count = this.#look(memory);
    if (count === undefined) return this.#kernel.readNow(this.#fd, memory);
    if (count > 0) {
      this.#waiting = memory.subarray(0, count);
      this.#waitingAt = 0;
    }
    return count;
  }

  /**
   * What is still in the pipe of what the last read gave.
   *
   * @param end up to here, as a place in what was given
   * @returns undefined where nothing is left, or nothing of it can be told
   */
  waiting(end = Infinity): Bytes | undefined {
    const waiting = this.#waiting?.subarray(0, Math.max(0, end - this.#waitingAt));
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
   * @param mark where the last byte goes, as it is taken out
   * @returns whether it is there
   */
  takeOut(end?: number, mark?: TakenMark): boolean {
    const waiting = this.waiting(end);
    if (waiting === undefined) return false;
    const { taken } = this.#lookPipe;
    let count = 0;
    let isMarked = false;
    if (mark !== undefined) {
      const all = waiting.length - 1;
      count = this.#takeFromPipe(taken.subarray(0, all));
      isMarked = isSame(waiting.subarray(0, all), taken.subarray(0, count)) && this.#move(mark);
    }
    if (!isMarked) {
      count += this.#takeFromPipe(taken.subarray(count, waiting.length));
      if (!isSame(waiting, taken.subarray(0, count))) {
        // Somebody else reads the same pipe.
        this.#unseen = taken.slice(0, count);
        this.#waiting = undefined;
        this.#largestLook = 0;
        return false;
      }
    }
    this.#waitingAt += waiting.length;
    const rest = this.#waiting!.subarray(waiting.length);
    this.#waiting = rest.length > 0 ? rest : undefined;
    return isMarked;
  }

  /** Has something logged before what comes next, as if it was read now. */
  giveBack(bytes: Bytes): void {
    if (bytes.length > 0) this.#unseen = bytes;
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
    try {
      const count = this.#lookPipe.look(this.#fd, taken.subarray(0, length));
      return count === length ? taken.slice(0, count) : undefined;
    } catch (error) {
      ignoreSystemError(error);
      return undefined;
    }
  }

  /**
   * Takes out what is next in the pipe: it is logged already.
   *
   * @param length how much, in bytes; at most LARGEST_LOOK
   * @param mark where the last byte goes, as it is taken out
   * @returns whether it is there
   */
  drop(length: number, mark: TakenMark | undefined): boolean {
    const { taken } = this.#lookPipe;
    if (length === 0) return false;
    const apart = mark === undefined ? 0 : 1;
    this.#takeFromPipe(taken.subarray(0, length - apart));
    if (mark === undefined || this.#move(mark)) return mark !== undefined;
    this.#takeFromPipe(taken.subarray(0, 1));
    return false;
  }

  /** @returns how much was taken, in bytes */
  #takeFromPipe(into: Bytes): number {
    try {
      return this.#lookPipe.take(this.#fd, into);
    } catch (error) {
      // The next read says what is wrong.
      ignoreSystemError(error);
      return 0;
    }
  }

  /** Moves one byte. */
  #move({ fd, offset }: TakenMark): boolean {
    try {
      return this.#kernel.splice(this.#fd, fd, 1, offset) === 1;
    } catch (error) {
      // Not each file system can do that.
      ignoreSystemError(error);
      return false;
    }
  }

  #look(memory: Bytes): number | undefined {
    if (memory.length > this.#largestLook) return undefined;
    try {
      return this.#lookPipe.look(this.#fd, memory);
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
