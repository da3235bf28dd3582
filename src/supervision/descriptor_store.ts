/**
 * Descriptors that are held and seldom used, such as a lock, need not be open when descriptors are
 * short: they are put on shelves (see {@linkcode Shelves}), where the kernel keeps what they lead to
 * open, and looked up for the moment in which they are used.
 *
 * One that is put away gets a number beyond all descriptors, which goes on to be its name for
 * whatever is called (`storing_kernel.ts`). Which are put away: the kernel gives a new descriptor
 * the lowest number that is free, so one whose number is in the upper half of the limit tells that
 * more than half are in use. With few services nothing is ever put away.
 *
 * Shelves end with the process, however it ends, and locks with them. A live upgrade hands them on.
 * Where there are no shelves (an old kernel, a sandbox), or they may hold no more, descriptors stay
 * open until the limit is reached.
 *
 * What is on shelves counts for our user: a process of that user without the right to have any
 * number in flight, and with a lower limit, cannot send descriptors meanwhile.
 */

import { ERRNO } from "../base/errno.ts";
import { RLIMIT } from "../base/kernel_constants.ts";
import { ignoreSystemError, SystemError } from "../base/system_error.ts";
import type { Kernel } from "../system/kernel.ts";

/** The first number of what is put away; no descriptor reaches it. */
export const FIRST_STORED = 2 ** 30;
/** The buffer of a socket has room for some 200 by default. */
const SHELF_SIZE = 64;
const NOTHING = -1;
/** So many stay free for what is used for a moment, when something is put away. */
const RESERVE = 8;

/** Keeps descriptors for long. */
export interface DescriptorKeeper {
  /**
   * Takes a descriptor that is to be open for long, and is not watched yet.
   *
   * @returns the number by which it is known from now on
   * @throws {SystemError} EMFILE, and it is closed: too few are left to work with
   */
  keep(fd: number): number;
  /**
   * Calls `use` with descriptors that are open until it returns.
   *
   * @param numbers known ones, or descriptors, which are used as they are
   * @throws {SystemError} EMFILE when they cannot be had
   */
  lend<T>(numbers: readonly number[], use: (fds: readonly number[]) => T): T;
}

/** A shelf, as a successor in this process gets it. */
export interface SavedShelf {
  readonly putFd: number;
  readonly findFd: number;
  /** What is on it, in its order; NOTHING for what nobody wants any more. */
  readonly numbers: readonly number[];
}

/** What is needed of the kernel. */
export type StoreKernel = Pick<
  Kernel,
  "close" | "dropFirst" | "findOnShelf" | "getLimit" | "mostOnShelves" | "openShelf" | "putOnShelf"
>;

/** One shelf. */
interface Shelf {
  readonly putFd: number;
  readonly findFd: number;
  /** What is on it, in its order; NOTHING for what nobody wants any more. */
  readonly numbers: number[];
}

/** All that this process has put away. */
export class DescriptorStore implements DescriptorKeeper {
  readonly #kernel: StoreKernel;
  readonly #shelves = new Set<Shelf>();
  readonly #shelfOf = new Map<number, Shelf>();
  /** Those with something on them that could not be let go. */
  readonly #untidy = new Set<Shelf>();
  #nextNumber = FIRST_STORED;
  /** The limit of descriptors, and how many may be put away; once that was asked. */
  #limits: { readonly open: number; readonly stored: number } | undefined;

  /** @param saved what a predecessor in this process has put away */
  constructor(kernel: StoreKernel, saved: readonly SavedShelf[] = []) {
    this.#kernel = kernel;
    for (const { putFd, findFd, numbers } of saved) {
      const shelf = { putFd, findFd, numbers: [...numbers] };
      this.#shelves.add(shelf);
      for (const number of numbers) if (number !== NOTHING) this.#shelfOf.set(number, shelf);
      if (numbers.includes(NOTHING)) this.#untidy.add(shelf);
      this.#nextNumber = Math.max(this.#nextNumber, ...numbers.map((number) => number + 1));
    }
  }

  /** Whether something is put away. */
  get isUsed(): boolean {
    return this.#shelfOf.size > 0;
  }

  /** What a successor needs. */
  save(): SavedShelf[] {
    this.#tidyUp();
    return [...this.#shelves];
  }

  keep(fd: number): number {
    const { open, stored } = this.#limits ??= this.#findLimits();
    if (fd < open / 2 || isStored(fd)) return fd;
    this.#tidyUp();
    const number = this.#shelfOf.size < stored ? this.#put(fd) : undefined;
    if (number !== undefined) return number;
    this.leaveRoom(fd);
    return fd;
  }

  /**
   * Told of a descriptor that is to be open for long and cannot be put away.
   *
   * @throws {SystemError} EMFILE, and it is closed: too few are left to look up what is put away
   */
  leaveRoom(fd: number): void {
    const { open } = this.#limits ??= this.#findLimits();
    if (!this.isUsed || fd < open - RESERVE) return;
    this.#kernel.close(fd);
    throw new SystemError("open", ERRNO.EMFILE);
  }

  lend<T>(numbers: readonly number[], use: (fds: readonly number[]) => T): T {
    const opened: number[] = [];
    try {
      const fds = numbers.map((number) => {
        if (!isStored(number)) return number;
        const fd = this.find(number);
        opened.push(fd);
        return fd;
      });
      return use(fds);
    } finally {
      for (const fd of opened) this.#kernel.close(fd);
    }
  }

  /**
   * A descriptor for what is put away, to be closed soon.
   *
   * @throws {SystemError} EMFILE when there is none, EBADF when nothing has the number
   */
  find(number: number): number {
    const shelf = this.#shelfWith(number);
    return this.#kernel.findOnShelf(shelf.findFd, shelf.numbers.indexOf(number));
  }

  /**
   * Lets go of what is put away, as if it was closed.
   *
   * @throws {SystemError} EBADF when nothing has the number
   */
  close(number: number): void {
    const shelf = this.#shelfWith(number);
    this.#shelfOf.delete(number);
    shelf.numbers[shelf.numbers.indexOf(number)] = NOTHING;
    this.#untidy.add(shelf);
    this.#tidyUp();
  }

  #shelfWith(number: number): Shelf {
    const shelf = this.#shelfOf.get(number);
    if (shelf === undefined) throw new SystemError("recvmsg", ERRNO.EBADF);
    return shelf;
  }

  #findLimits(): { open: number; stored: number } {
    const { soft } = this.#kernel.getLimit(RLIMIT.NOFILE);
    return { open: Number(soft), stored: this.#kernel.mostOnShelves() };
  }

  /** Puts one away; undefined where that cannot be done. */
  #put(fd: number): number | undefined {
    let shelf: Shelf | undefined;
    try {
      shelf = this.#shelfWithRoom();
      this.#kernel.putOnShelf(shelf.putFd, fd);
      shelf.numbers.push(NOTHING);
      // Not everything that looks like a shelf gives back what is on it.
      this.#kernel.close(this.#kernel.findOnShelf(shelf.findFd, shelf.numbers.length - 1));
    } catch (error) {
      ignoreSystemError(error);
      if (shelf !== undefined) this.#untidy.add(shelf);
      this.#tidyUp();
      return undefined;
    }
    this.#kernel.close(fd);
    const number = this.#nextNumber++;
    shelf.numbers[shelf.numbers.length - 1] = number;
    this.#shelfOf.set(number, shelf);
    return number;
  }

  #shelfWithRoom(): Shelf {
    for (const shelf of this.#shelves) if (shelf.numbers.length < SHELF_SIZE) return shelf;
    const shelf = { ...this.#kernel.openShelf(), numbers: [] };
    this.#shelves.add(shelf);
    return shelf;
  }

  #tidyUp(): void {
    for (const shelf of this.#untidy) {
      try {
        this.#tidy(shelf);
        this.#untidy.delete(shelf);
      } catch (error) {
        // Without a descriptor to do it with; there may be one later.
        ignoreSystemError(error);
      }
    }
  }

  /** Lets go of what nobody wants. Only the first can be, so what is before it goes to the end. */
  #tidy(shelf: Shelf): void {
    const { putFd, findFd, numbers } = shelf;
    const kernel = this.#kernel;
    if (numbers.every((number) => number === NOTHING)) {
      this.#shelves.delete(shelf);
      kernel.close(putFd);
      kernel.close(findFd);
      return;
    }
    while (numbers.includes(NOTHING)) {
      const [first = NOTHING] = numbers;
      if (first !== NOTHING) {
        const fd = kernel.findOnShelf(findFd, 0);
        try {
          kernel.putOnShelf(putFd, fd);
        } finally {
          kernel.close(fd);
        }
        numbers.push(first);
      }
      kernel.dropFirst(findFd);
      numbers.shift();
    }
  }
}

/** Whether a number is that of something put away. */
export function isStored(number: number): boolean {
  return number >= FIRST_STORED;
}
