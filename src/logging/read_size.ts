/**
 * How much is read at a time. A kill takes what was read and not yet written, and a process that has
 * just started is slow, so that it would nearly always take all; large reads pay when there is much
 * to read for long.
 */

const SMALLEST_SIZE = 1024;
/** So many full reads in a row make the next ones larger. */
const FULL_READS = 8;

/** The size of reads from one input. */
export class ReadSize {
  readonly #largest: number;
  #size = SMALLEST_SIZE;
  #fullReads = 0;

  /** @param largest what it never exceeds, in bytes */
  constructor(largest: number) {
    this.#largest = largest;
  }

  /** The size of the next read, in bytes: whole windows of 1024. */
  get size(): number {
    return this.#size;
  }

  /** @param wasFull whether a read was as large as it could be */
  note(wasFull: boolean): void {
    if (!wasFull) {
      this.#size = SMALLEST_SIZE;
      this.#fullReads = 0;
    } else if (++this.#fullReads === FULL_READS) {
      this.#size = Math.min(2 * this.#size, this.#largest);
      this.#fullReads = 0;
    }
  }
}
