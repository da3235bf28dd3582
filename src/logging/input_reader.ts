/**
 * Reads standard input for the filters and for the log streams: as much as there is at a time.
 *
 * A pipe stays as large as it is. A larger one is no faster for reads of this size, and when the
 * pipes of an ordinary user are too large in all, the kernel gives that user only tiny ones.
 */

import { WOULD_BLOCK } from "../base/kernel_constants.ts";
import { ignoreSystemError } from "../base/system_error.ts";
import type { Bytes } from "../base/bytes.ts";
import type { Kernel } from "../system/kernel.ts";

/** What reading needs of the kernel. */
export type InputKernel = Pick<Kernel, "bytesWaiting" | "isReadable" | "read">;

/** How input is waited for. */
export interface InputWait {
  /** Whether a read may wait by itself, where the descriptor is a blocking one. */
  readonly readMayBlock: boolean;
  /** Waits until there may be input; resolves to false when reading is not wanted any more. */
  readonly forInput: () => Promise<boolean> | boolean;
}

/** Input from one descriptor. */
export class InputReader {
  readonly #kernel: InputKernel;
  readonly #fd: number;
  readonly #wait: InputWait;

  /** Reads from `fd`, which stays its owner's to close. */
  constructor(kernel: InputKernel, fd: number, wait: InputWait) {
    this.#kernel = kernel;
    this.#fd = fd;
    this.#wait = wait;
  }

  /** Whether a read would give something at once. Where that cannot be told, it is false. */
  hasMore(): boolean {
    try {
      return this.#kernel.bytesWaiting(this.#fd) > 0;
    } catch (error) {
      ignoreSystemError(error);
      return false;
    }
  }

  /**
   * Reads once, when there is something.
   *
   * @param into filled from its beginning
   * @param take given what was read before anybody else can run, who may share `into`
   * @returns how many bytes there were; 0 at the end of input; undefined when the wait was ended
   * @throws {SystemError} `read`
   */
  async read(into: Bytes, take?: (bytes: Bytes) => void): Promise<number | undefined> {
    let mustWait = false;
    for (;;) {
      if (mustWait && !await this.#wait.forInput()) return undefined;
      // Word that there is input may be old: it may have been read since.
      if (!this.#wait.readMayBlock && !this.#kernel.isReadable(this.#fd)) {
        mustWait = true;
        continue;
      }
      const count = this.#kernel.read(this.#fd, into);
      if (count > 0) take?.(into.subarray(0, count));
      if (count !== WOULD_BLOCK) return count;
      mustWait = true;
    }
  }
}
