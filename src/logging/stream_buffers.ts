/**
 * Memory that the streams of a process use in turn: one buffer to read into, and blocks for what is
 * on its way into a log. A stream with nothing to write has no block.
 */

import type { Bytes } from "../base/bytes.ts";
import { OVERSHOOT, viewOf } from "./copying.ts";

/**
 * How much is read at a time, in bytes: whole windows of 1024, and whole pages. With the beginning
 * of a line that came before, and the end of one that comes later, a kill takes at most 64 KiB of
 * what cannot be looked at.
 */
export const INPUT_SIZE = 61440;
/** The size of a block, in bytes: what comes of most reads, labels included, fits into one. */
export const BLOCK_SIZE = 131072;
/** More than this is not needed even where all lines are empty and a label is all that is written. */
const MAX_SPARES = 16;

/** Memory, seen in two ways. */
export interface Block {
  /** Byte by byte. */
  readonly bytes: Bytes;
  /** For what takes several bytes at a time. */
  readonly view: DataView;
}

/** The buffers of one process. */
export class StreamBuffers {
  /**
   * To read into: INPUT_SIZE bytes. What is in it is taken in at once, so that all streams can
   * share it.
   */
  readonly input: Bytes;
  /** The same memory, and a little behind it, so that its end is nothing special. */
  readonly inputView: DataView;
  /** Blocks that can be used again: new ones would be garbage faster than it is collected. */
  readonly #spares: Block[] = [];

  /** Makes what all streams share. */
  constructor() {
    const memory = new Uint8Array(INPUT_SIZE + OVERSHOOT);
    this.input = memory.subarray(0, INPUT_SIZE);
    this.inputView = viewOf(memory);
  }

  /** Takes a block of {@linkcode BLOCK_SIZE} bytes, whatever is in it. */
  takeBlock(): Block {
    const spare = this.#spares.pop();
    if (spare !== undefined) return spare;
    const bytes = new Uint8Array(BLOCK_SIZE);
    return { bytes, view: viewOf(bytes) };
  }

  /** Gives a block back, which its user does not touch any more. */
  returnBlock(block: Block): void {
    if (this.#spares.length < MAX_SPARES) this.#spares.push(block);
  }
}
