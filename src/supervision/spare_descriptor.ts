/**
 * One descriptor in reserve: with it a file can be opened for a moment when there is no other left,
 * so that statuses and records do not go stale just because a process has all that it may have.
 */

import { ERRNO } from "../base/errno.ts";
import { CWD } from "../base/kernel_constants.ts";
import { errnoOf, ignoreSystemError } from "../base/system_error.ts";
import type { Files, Path } from "../system/kernel.ts";

/** What is needed of the kernel. */
type OpeningKernel = Pick<
  Files,
  "close" | "openAppend" | "openDirectory" | "openRead" | "openTruncate" | "openWrite"
>;

type Open = (at: number, path: Path) => number;

/** Holds the spare descriptor, gives it away and takes it back. */
class SpareDescriptor {
  readonly #kernel: OpeningKernel;
  #fd: number | undefined;

  constructor(kernel: OpeningKernel) {
    this.#kernel = kernel;
    this.take();
  }

  /** Takes one, if there is none and one can be had. */
  take(): void {
    if (this.#fd !== undefined) return;
    try {
      this.#fd = this.#kernel.openDirectory(CWD, "/");
    } catch (error) {
      ignoreSystemError(error);
    }
  }

  /** An `open` that uses it when there is no other. */
  lentTo(open: Open): Open {
    return (at, path) => {
      try {
        return open(at, path);
      } catch (error) {
        if (errnoOf(error) !== ERRNO.EMFILE || this.#fd === undefined) throw error;
      }
      this.#kernel.close(this.#fd);
      this.#fd = undefined;
      try {
        return open(at, path);
      } catch (error) {
        this.take();
        throw error;
      }
    };
  }
}

/** A kernel that opens files also when all descriptors are used, as long as it closes them soon. */
export function withSpareDescriptor<K extends OpeningKernel>(kernel: K): K {
  const spare = new SpareDescriptor(kernel);
  return {
    ...kernel,
    openAppend: spare.lentTo(kernel.openAppend),
    openRead: spare.lentTo(kernel.openRead),
    openTruncate: spare.lentTo(kernel.openTruncate),
    openWrite: spare.lentTo(kernel.openWrite),
    close(fd: number): void {
      kernel.close(fd);
      spare.take();
    },
  };
}
