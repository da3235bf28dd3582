/**
 * Bytes on their way into a file: appended here, written there. Appending never moves what is there.
 */

import type { Bytes } from "../../base/bytes.ts";
import { copyBytes, viewOf } from "../copying.ts";
import type { Block, StreamBuffers } from "../stream_buffers.ts";

const NOTHING: Bytes = new Uint8Array(0);
const NO_BLOCK: Block = { bytes: NOTHING, view: viewOf(NOTHING) };

/** A queue of bytes. It holds memory only while there is something in it. */
export class OutputQueue {
  /** The block that is being filled. */
  block: Bytes = NO_BLOCK.bytes;
  /** The same block. */
  view: DataView = NO_BLOCK.view;
  /** How far it is filled. To fill it by hand, call {@linkcode ensure} first. */
  fill = 0;
  readonly #buffers: StreamBuffers;
  /** Blocks before that one, with how far they are filled. */
  readonly #full: { block: Block; fill: number }[] = [];
  /** The block that is being filled. */
  #block: Block = NO_BLOCK;
  /** How much of the first block is written. */
  #written = 0;
  /** How much is in `#full`. */
  #fullBytes = 0;

  /** @param buffers where its blocks come from */
  constructor(buffers: StreamBuffers) {
    this.#buffers = buffers;
  }

  /** How much is not written yet, in bytes. */
  get size(): number {
    return this.#fullBytes + this.fill - this.#written;
  }

  /** Makes room for `length` bytes, at most 64 KiB, in the block that is being filled. */
  ensure(length: number): void {
    if (this.block.length - this.fill >= length) return;
    if (this.fill > 0) {
      this.#full.push({ block: this.#block, fill: this.fill });
      this.#fullBytes += this.fill;
    }
    this.#useBlock(this.#buffers.takeBlock());
  }

  /** Appends a part of an array. */
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
    const first = this.#full[0];
    const bytes = first === undefined ? this.block : first.block.bytes;
    const fill = first === undefined ? this.fill : first.fill;
    return bytes.subarray(this.#written, Math.min(fill, this.#written + max));
  }

  /** Drops the first `length` bytes of what {@linkcode front} gave: they are written. */
  consume(length: number): void {
    this.#written += length;
    const first = this.#full[0];
    if (first === undefined) {
      if (this.#written < this.fill || this.fill === 0) return;
      this.#buffers.returnBlock(this.#block);
      this.#useBlock(NO_BLOCK);
      this.#written = 0;
      return;
    }
    if (this.#written < first.fill) return;
    this.#full.shift();
    this.#fullBytes -= first.fill;
    this.#written = 0;
    this.#buffers.returnBlock(first.block);
  }

  /** Gives the block back that is being filled, when nothing was put into it. */
  releaseUnused(): void {
    if (this.size > 0 || this.#block === NO_BLOCK) return;
    this.#buffers.returnBlock(this.#block);
    this.#useBlock(NO_BLOCK);
  }

  #useBlock(block: Block): void {
    this.#block = block;
    this.block = block.bytes;
    this.view = block.view;
    this.fill = 0;
  }
}
