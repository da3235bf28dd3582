/**
 * A note of the write to `current` that is under way: what a kill leaves of it can be told.
 *
 * Lines that come through a pipe stay in it until they are written (see pipe_input.ts). Where a kill
 * comes before they are taken out, they are in the pipe and, some or all of them, in `current`. The
 * next run sees by the note whether that is so: nothing is lost, and nothing logged twice.
 *
 * The note is in the file `lock`, which daemontools' multilog leaves empty and never reads. Integers
 * are little-endian; times are since 1970-01-01 UTC.
 *
 *     bytes   0 -   7  "multilog"
 *     bytes   8 -  11  1 while the write is under way, else 0
 *     bytes  12 -  15  how much of the input it is, in bytes
 *     bytes  16 -  23  the inode of `current`
 *     bytes  24 -  31  the inode of the pipe
 *     bytes  32 -  39  the size of `current` before, in bytes, as a floating-point number
 *     bytes  40 -  47  and after
 *     bytes  48 -  59  when the first line of `current` came, in seconds and nanoseconds; or 0
 *     bytes  60 -  63  0
 *     bytes  64 - 191  the first bytes of that input, as many as there are
 *     bytes 192 - 319  its last bytes
 *
 * It is overwritten in place by one call, and lies within one sector: it is whole or not there.
 */

import { type Bytes, encode, equalBytes } from "../../base/bytes.ts";
import { ERRNO } from "../../base/errno.ts";
import { ignoreSystemError, SystemError } from "../../base/system_error.ts";
import type { Timestamp } from "../../base/tai64n.ts";
import type { Kernel } from "../../system/kernel.ts";

const MAGIC = encode("multilog");
/** The size of a note, in bytes. */
export const NOTE_SIZE = 320;
const STATE_AT = 8;
const SAMPLES_AT = 64;
const SAMPLE_SIZE = 128;

/** A write, as it is noted. */
export interface PlannedWrite {
  /** The file. */
  readonly currentInode: bigint;
  /** Where the input comes from. */
  readonly pipeInode: bigint;
  /** The size of the file before, in bytes. */
  readonly sizeBefore: number;
  /** And after. */
  readonly sizeAfter: number;
  /** The input that it is made of: this is next in the pipe. */
  readonly input: Bytes;
}

/** What is there when a run begins. */
export interface Found {
  /** `current`. */
  readonly currentInode: bigint;
  /** Its size, in bytes. */
  readonly size: number;
  /** The pipe. */
  readonly pipeInode: bigint;
  /** Looks at what is next in the pipe; undefined where there is not so much. */
  readonly peek: (length: number) => Bytes | undefined;
}

/** What is to be done about a write that was under way. */
export type Remedy =
  | { readonly kind: "nothing" }
  /** Its input is still in the pipe: what the file has of it goes. */
  | { readonly kind: "truncate"; readonly size: number }
  /** Its input is still in the pipe, and all of it in the file: it is to be taken out. */
  | { readonly kind: "drop"; readonly input: Bytes };

const NOTHING: Remedy = { kind: "nothing" };

/** What a run before this one has noted. */
export class WriteNote {
  readonly #bytes: Bytes;
  readonly #view: DataView;

  private constructor(bytes: Bytes) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset);
  }

  /** Whether what a file holds is a note, or the beginning of one, or nothing: not somebody's data. */
  static mayReplace(bytes: Bytes): boolean {
    return equalBytes(bytes.subarray(0, MAGIC.length), MAGIC) || bytes.every((byte) => byte === 0);
  }

  /** @returns undefined where the bytes are no note */
  static decode(bytes: Bytes): WriteNote | undefined {
    if (bytes.length < NOTE_SIZE || !equalBytes(bytes.subarray(0, MAGIC.length), MAGIC)) {
      return undefined;
    }
    return new WriteNote(bytes);
  }

  /** When the first line of `current` came; undefined where that is not noted. */
  get firstLine(): Timestamp | undefined {
    const seconds = Number(this.#view.getBigInt64(48, true));
    return seconds === 0 ? undefined : { seconds, nanoseconds: this.#view.getUint32(56, true) };
  }

  /** What is to be done, by what is found. */
  remedyFor({ currentInode, size, pipeInode, peek }: Found): Remedy {
    const view = this.#view;
    const sizeBefore = view.getFloat64(32, true);
    const sizeAfter = view.getFloat64(40, true);
    const isThatWrite = view.getUint32(STATE_AT, true) === 1 &&
      view.getBigUint64(16, true) === currentInode && view.getBigUint64(24, true) === pipeInode &&
      size > sizeBefore && size <= sizeAfter;
    if (!isThatWrite) return NOTHING;
    const input = peek(view.getUint32(12, true));
    if (input === undefined) return NOTHING;
    const samples = new Uint8Array(NOTE_SIZE - SAMPLES_AT);
    putSamples(input, samples, 0);
    if (!equalBytes(samples, this.#bytes.subarray(SAMPLES_AT, NOTE_SIZE))) return NOTHING;
    return size === sizeAfter ? { kind: "drop", input } : { kind: "truncate", size: sizeBefore };
  }
}

function putSamples(input: Bytes, into: Bytes, at: number): void {
  into.set(input.subarray(0, SAMPLE_SIZE), at);
  into.set(input.subarray(-SAMPLE_SIZE), at + SAMPLE_SIZE);
}

/** Takes notes in the file `lock` of one log directory. */
export class WriteNotes {
  readonly #kernel: Pick<Kernel, "writeAt">;
  readonly #fd: number;
  readonly #bytes: Bytes = new Uint8Array(NOTE_SIZE);
  readonly #view = new DataView(this.#bytes.buffer);
  #isUnderWay = false;
  #isRepeated = false;
  readonly #state = this.#bytes.subarray(STATE_AT, STATE_AT + 4);

  /**
   * @param fd the file, open for writing
   * @param firstLine when the first line of `current` came, if that is known
   */
  constructor(kernel: Pick<Kernel, "writeAt">, fd: number, firstLine: Timestamp | undefined) {
    this.#kernel = kernel;
    this.#fd = fd;
    this.#bytes.set(MAGIC);
    this.#setFirstLine(firstLine);
  }

  /**
   * Makes what is noted void, and sees to it that the file has room for notes.
   *
   * @throws {SystemError} `write`
   */
  reset(): void {
    this.#write();
  }

  /**
   * Notes a write that is about to be done.
   *
   * @throws {SystemError} `write`; nothing is noted then
   */
  begin(write: PlannedWrite): void {
    const view = this.#view;
    view.setUint32(STATE_AT, 1, true);
    view.setUint32(12, write.input.length, true);
    view.setBigUint64(16, write.currentInode, true);
    view.setBigUint64(24, write.pipeInode, true);
    view.setFloat64(32, write.sizeBefore, true);
    view.setFloat64(40, write.sizeAfter, true);
    this.#isRepeated = this.#hasSamplesOf(write.input);
    // Behind short ones would be what is left of longer ones.
    this.#bytes.fill(0, SAMPLES_AT);
    putSamples(write.input, this.#bytes, SAMPLES_AT);
    this.#isUnderWay = true;
    this.#write();
  }

  /** Whether a write is noted, and not that it is done. */
  get isUnderWay(): boolean {
    return this.#isUnderWay;
  }

  /** Whether the input of the last write looks like that of the write before: more may follow. */
  get isRepeated(): boolean {
    return this.#isRepeated;
  }

  /** Notes that it is done, and its input taken out. */
  end(): void {
    this.#isUnderWay = false;
    this.#view.setUint32(STATE_AT, 0, true);
    try {
      this.#kernel.writeAt(this.#fd, this.#state, STATE_AT);
    } catch (error) {
      // The note then speaks of input that is not in the pipe any more, and is void.
      ignoreSystemError(error);
    }
  }

  /**
   * Notes when the first line of `current` came.
   *
   * @throws {SystemError} `write`
   */
  noteFirstLine(time: Timestamp): void {
    this.#setFirstLine(time);
    this.#write();
  }

  #hasSamplesOf(input: Bytes): boolean {
    const length = Math.min(SAMPLE_SIZE, input.length);
    const lastAt = input.length - length;
    for (let at = 0; at < length; at++) {
      if (
        input[at] !== this.#bytes[SAMPLES_AT + at] ||
        input[lastAt + at] !== this.#bytes[SAMPLES_AT + SAMPLE_SIZE + at]
      ) return false;
    }
    return true;
  }

  #write(): void {
    const count = this.#kernel.writeAt(this.#fd, this.#bytes, 0);
    // A file that is shorter is no note.
    if (count < NOTE_SIZE) throw new SystemError("write", ERRNO.ENOSPC);
  }

  #setFirstLine(time: Timestamp | undefined): void {
    this.#view.setBigInt64(48, BigInt(time?.seconds ?? 0), true);
    this.#view.setUint32(56, time?.nanoseconds ?? 0, true);
  }
}
