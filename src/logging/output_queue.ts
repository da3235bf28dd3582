/**
 * Bytes on their way into a file: appended here, written there, in blocks that are used again.
 * Appending never moves what is there, so that a helper thread can be writing it meanwhile.
 */

import type { Bytes } from "../base/bytes.ts";
import { copyBytes, viewOf } from "./copying.ts";

/** The first block of a log: most logs never need more at a time. */
const FIRST_BLOCK_SIZE = 16384;
/** The other blocks. */
const BLOCK_SIZE = 524288;
/** More than this is not needed even where all lines are empty and a label is all that is written. */
const MAX_SPARES = 16;

/** A queue of bytes. */
export class OutputQueue {
  /** The block that is being filled. */
  block: Bytes = new Uint8Array(FIRST_BLOCK_SIZE);
  /** The same block. */
  view: DataView = viewOf(this.block);
  /** How far it is filled. Whoever fills it by hand has called {@linkcode ensure} first. */
  fill = 0;
  /** Blocks before that one, with how far they are filled. */
  readonly #full: { bytes: Bytes; fill: number }[] = [];
  /** Blocks that can be used again: new ones would be garbage faster than it is collected. */
  readonly #spares: Bytes[] = [];
  /** How much of the first block is written. */
  #written = 0;
  /** How much is in `#full`. */
  #fullBytes = 0;

  /** How much is not written yet, in bytes. */
  get size(): number {
    return this.#fullBytes + this.fill - this.#written;
  }

  /** Makes room for `length` bytes, at most 64 KiB, in the block that is being filled. */
  ensure(length: number): void {
    if (this.block.length - this.fill >= length) return;
    if (this.fill > 0) {
      this.#full.push({ bytes: this.block, fill: this.fill });
      this.#fullBytes += this.fill;
    }
    this.block = this.#spares.pop() ?? new Uint8Array(BLOCK_SIZE);
    this.view = viewOf(this.block);
    this.fill = 0;
  }

  /** Appends bytes. */
  append(from: Bytes, start: number, end: number): void {
    while (start < end) {
      this.ensure(1);
      const stop = Math.min(end, start + this.block.length - this.fill);
      copyBytes(from, start, stop, this.block, this.fill);
      this.fill += stop - start;
      start = stop;
    }
  }

  /** The next bytes to be written: all that lie side by side, at most `max`. */
  front(max: number): Bytes {
    const { bytes, fill } = this.#full[0] ?? { bytes: this.block, fill: this.fill };
    return bytes.subarray(this.#written, Math.min(fill, this.#written + max));
  }

  /** Drops the first `length` bytes of what {@linkcode front} gave: they are written. */
  consume(length: number): void {
    this.#written += length;
    const first = this.#full[0];
    if (first === undefined) {
      if (this.#written === this.fill) this.#written = this.fill = 0;
      return;
    }
    if (this.#written < first.fill) return;
    this.#full.shift();
    this.#fullBytes -= first.fill;
    this.#written = 0;
    if (first.bytes.length === BLOCK_SIZE && this.#spares.length < MAX_SPARES) {
      this.#spares.push(first.bytes);
    }
  }
}
