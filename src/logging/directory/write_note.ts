/**
 * A note of the write to `current` that is under way: what a kill leaves of it can be told.
 *
 * Lines that come through a pipe stay in it until they are written (see pipe_input.ts). Where a kill
 * comes before they are taken out, they are in the pipe and, some or all of them, in `current`. The
 * next run sees by the note whether that is so: nothing is lost, and nothing logged twice.
 *
 * The contents of a pipe cannot tell whether something was taken out: the same may have come again.
 * So the last byte of what is taken out goes from the pipe into the note, by one call.
 *
 * The note is in the file `lock`, which daemontools' multilog leaves empty and never reads. Integers
 * are little-endian; times are since 1970-01-01 UTC.
 *
 *     bytes   0 -   7  "multilog"
 *     bytes   8 -  11  2, the number of this form; where it is another, no write is noted
 *     bytes  12 -  15  how much of the input it is, in bytes
 *     bytes  16 -  23  the inode of `current`
 *     bytes  24 -  31  the inode of the pipe
 *     bytes  32 -  39  the size of `current` before, in bytes, as a floating-point number
 *     bytes  40 -  47  and after
 *     bytes  48 -  59  when the first line of `current` came, in seconds and nanoseconds; or 0
 *     bytes  60 -  63  0
 *     bytes  64 -  79  the boot id: another boot has other pipes
 *     bytes  80 -  91  labels of ours are earlier than this, in seconds and nanoseconds; or 0
 *     bytes  92 -  93  the length of the beginning of a line that came before that input, in bytes
 *     bytes  94 -  95  and of the one that is at its end
 *     byte   96        1 where the last byte of the input is taken out after all others, else 0
 *     bytes  97 - 125  0
 *     byte  126        the last byte of the input
 *     byte  127        the same when the input was taken out; another before
 *     bytes 128 - 255  the first bytes of the input, as many as there are
 *     bytes 256 -      the two beginnings of lines: they are not in `current` yet, and the second
 *                      one is, once the input is taken out, nowhere else
 *
 * It is overwritten in place by one call, and lies within one page: a kill leaves all or nothing.
 */

import { type Bytes, EMPTY, encode, equalBytes } from "../../base/bytes.ts";
import { ERRNO } from "../../base/errno.ts";
import { ignoreSystemError, SystemError } from "../../base/system_error.ts";
import type { Timestamp } from "../../base/tai64n.ts";
import type { Kernel } from "../../system/kernel.ts";
import type { TakenMark } from "../pipe_input.ts";

const MAGIC = encode("multilog");
const FORM = 2;
const FORM_AT = 8;
const LENGTH_AT = 12;
const CURRENT_AT = 16;
const PIPE_AT = 24;
const SIZE_BEFORE_AT = 32;
const SIZE_AFTER_AT = 40;
const FIRST_LINE_AT = 48;
const BOOT_ID_AT = 64;
const LABEL_AT = 80;
const UNFINISHED_BEFORE_AT = 92;
const UNFINISHED_AFTER_AT = 94;
const IS_LAST_APART_AT = 96;
const LAST_BYTE_AT = 126;
const MARK_AT = 127;
const SAMPLE_AT = 128;
const SAMPLE_SIZE = 128;
/** The size of a note without beginnings of lines, in bytes. */
export const NOTE_SIZE = SAMPLE_AT + SAMPLE_SIZE;
/** No beginning of a line that is not written yet is as long, in bytes. */
const LONGEST_UNFINISHED = 1000;
/** No note is longer, in bytes. */
export const LARGEST_NOTE = NOTE_SIZE + 2 * LONGEST_UNFINISHED;

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
  /** The beginning of a line at the end of that input, which is not written. */
  readonly unfinished: Bytes;
  /** The label that comes next; undefined where lines get none. */
  readonly nextLabel: Timestamp | undefined;
}

/** What is there when a run begins. */
export interface Found {
  /** `current`, with its size in bytes; undefined where there is none. */
  readonly current: { readonly inode: bigint; readonly size: number } | undefined;
  /** The boot id. */
  readonly bootId: Bytes;
  /** The pipe; undefined where nothing is to be taken out of it. */
  readonly pipe: FoundPipe | undefined;
}

/** A pipe with input. */
export interface FoundPipe {
  /** Its number. */
  readonly inode: bigint;
  /** Looks at what is next in it; undefined where there is not so much. */
  peek(length: number): Bytes | undefined;
}

/** What is to be done about a write that was under way. */
export interface Remedy {
  /** To which size `current` is to be cut, in bytes; its input is still in the pipe, and may go. */
  readonly cutTo?: number;
  /** How much is to be taken out of the pipe, in bytes: it is logged. */
  readonly takeOut?: number;
  /** The beginning of a line that is nowhere else; what comes next belongs to it. */
  readonly unfinished: Bytes;
}

/** What a run before this one has noted. */
export class WriteNote {
  readonly #bytes: Bytes;
  readonly #view: DataView;

  private constructor(bytes: Bytes) {
    this.#bytes = bytes;
    this.#view = viewOf(bytes);
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
    const view = viewOf(bytes);
    const length = NOTE_SIZE + view.getUint16(UNFINISHED_BEFORE_AT, true) +
      view.getUint16(UNFINISHED_AFTER_AT, true);
    return new WriteNote(bytes.slice(0, length));
  }

  /** When the first line of `current` came; undefined where that is not noted. */
  get firstLine(): Timestamp | undefined {
    return timeAt(this.#view, FIRST_LINE_AT);
  }

  /** What labels of ours are earlier than; undefined where we wrote none. */
  get nextLabel(): Timestamp | undefined {
    return timeAt(this.#view, LABEL_AT);
  }

  /** A copy of it. */
  get bytes(): Bytes {
    return this.#bytes.slice();
  }

  /** Whether the input came through the pipe that is found. */
  isOfPipe({ bootId, pipe }: Found): boolean {
    return pipe !== undefined && this.#view.getBigUint64(PIPE_AT, true) === pipe.inode &&
      equalBytes(this.#bytes.subarray(BOOT_ID_AT, BOOT_ID_AT + bootId.length), bootId);
  }

  /**
   * What is to be done, by what is found.
   *
   * @returns undefined where somebody else has written to `current` since, or nothing is noted
   */
  remedyFor(found: Found): Remedy | undefined {
    const view = this.#view;
    if (view.getUint32(FORM_AT, true) !== FORM) return undefined;
    const isTaken = this.#bytes[MARK_AT] === this.#bytes[LAST_BYTE_AT];
    const sizeBefore = view.getFloat64(SIZE_BEFORE_AT, true);
    const sizeAfter = view.getFloat64(SIZE_AFTER_AT, true);
    const size = found.current?.size ?? 0;
    const isAsNoted = found.current?.inode === view.getBigUint64(CURRENT_AT, true) &&
      size >= (isTaken ? sizeAfter : sizeBefore) && size <= sizeAfter;
    if (!isAsNoted) {
      // A new file has begun since: only when all was written, or nothing.
      return size === 0 ? { unfinished: this.#unfinished(isTaken) } : undefined;
    }
    if (isTaken) return { unfinished: this.#unfinished(true) };
    const left = this.#leftIn(found);
    if (size === sizeAfter) return { takeOut: left, unfinished: this.#unfinished(true) };
    if (size === sizeBefore) return { unfinished: this.#unfinished(false) };
    const isWhole = left === view.getUint32(LENGTH_AT, true);
    return isWhole
      ? { cutTo: sizeBefore, unfinished: this.#unfinished(false) }
      : { takeOut: 0, unfinished: this.#unfinished(true) };
  }

  #unfinished(isTaken: boolean): Bytes {
    const lengthBefore = this.#view.getUint16(UNFINISHED_BEFORE_AT, true);
    const start = NOTE_SIZE + (isTaken ? lengthBefore : 0);
    const length = isTaken ? this.#view.getUint16(UNFINISHED_AFTER_AT, true) : lengthBefore;
    return this.#bytes.slice(start, start + length);
  }

  /** How much of the input is still in the pipe: all, its last byte, or nothing. */
  #leftIn(found: Found): number {
    const length = this.#view.getUint32(LENGTH_AT, true);
    if (length === 0 || !this.isOfPipe(found)) return 0;
    const pipe = found.pipe!;
    const sampled = Math.min(SAMPLE_SIZE, length);
    const sample = this.#bytes.subarray(SAMPLE_AT, SAMPLE_AT + sampled);
    const next = pipe.peek(sampled);
    if (next !== undefined && equalBytes(next, sample)) return length;
    if (this.#bytes[IS_LAST_APART_AT] === 0) return 0;
    return pipe.peek(1)?.[0] === this.#bytes[LAST_BYTE_AT] ? 1 : 0;
  }
}

function viewOf(bytes: Bytes): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

function timeAt(view: DataView, at: number): Timestamp | undefined {
  const seconds = Number(view.getBigInt64(at, true));
  return seconds === 0 ? undefined : { seconds, nanoseconds: view.getUint32(at + 8, true) };
}

function putTime(view: DataView, at: number, time: Timestamp | undefined): void {
  view.setBigInt64(at, BigInt(time?.seconds ?? 0), true);
  view.setUint32(at + 8, time?.nanoseconds ?? 0, true);
}

/** What a run knows when it begins to take notes. */
export interface Known {
  /** The boot id. */
  readonly bootId: Bytes;
  /** What is noted already. */
  readonly left: WriteNote | undefined;
  /** When the first line of `current` came. */
  readonly firstLine: Timestamp;
  /** Whether a byte may go from the pipe into the file. */
  readonly hasMark: boolean;
}

/** Takes notes in the file `lock` of one log directory. */
export class WriteNotes {
  readonly #kernel: Pick<Kernel, "writeAt">;
  readonly #fd: number;
  readonly #bootId: Bytes;
  /** Where the last byte of a write's input is to go; undefined where that is not wanted. */
  readonly mark: TakenMark | undefined;
  #bytes: Bytes;
  #view: DataView;
  /** How much of that is the note. */
  #length = NOTE_SIZE;
  /** The beginning of a line that only the note has. */
  #unfinished: Bytes = EMPTY;
  #isBegun: boolean;

  /**
   * To be followed by {@linkcode goOn} or {@linkcode reset}.
   *
   * @param fd the file, open for writing
   */
  constructor(
    kernel: Pick<Kernel, "writeAt">,
    fd: number,
    { bootId, left, firstLine, hasMark }: Known,
  ) {
    this.#kernel = kernel;
    this.#fd = fd;
    this.#bootId = bootId;
    this.mark = hasMark ? { fd, offset: MARK_AT } : undefined;
    this.#bytes = left?.bytes ?? new Uint8Array(NOTE_SIZE);
    this.#view = viewOf(this.#bytes);
    this.#length = this.#bytes.length;
    this.#bytes.set(MAGIC);
    putTime(this.#view, FIRST_LINE_AT, firstLine);
    this.#isBegun = left !== undefined;
  }

  /** Whether the file has notes. */
  get isBegun(): boolean {
    return this.#isBegun;
  }

  /** Whether only the note has the beginning of a line. */
  get hasUnfinished(): boolean {
    return this.#unfinished.length > 0;
  }

  /** Leaves what is noted as it is, with the beginning of a line that only the note has. */
  goOn(unfinished: Bytes): void {
    this.#unfinished = unfinished;
  }

  /**
   * Makes what is noted void, but for when the first line came, and sees to it that the file has
   * room for notes. Where that fails, the next note does it.
   */
  reset(): void {
    this.#view.setUint32(FORM_AT, 0, true);
    putTime(this.#view, LABEL_AT, undefined);
    this.#unfinished = EMPTY;
    this.#bytes.fill(0, UNFINISHED_BEFORE_AT, UNFINISHED_AFTER_AT + 2);
    this.#setLength(NOTE_SIZE);
    try {
      this.#write();
      const room = new Uint8Array(LARGEST_NOTE - NOTE_SIZE);
      this.#kernel.writeAt(this.#fd, room, NOTE_SIZE);
    } catch (error) {
      ignoreSystemError(error);
    }
  }

  /** Whether what is noted holds also when something is written that is not noted. */
  get mayStay(): boolean {
    if (this.#view.getUint32(FORM_AT, true) !== FORM) return true;
    return !this.hasUnfinished && this.#bytes[MARK_AT] === this.#bytes[LAST_BYTE_AT];
  }

  /**
   * Notes a write that is about to be done.
   *
   * @throws {SystemError} `write`; what is noted says nothing then, or is what was noted before
   */
  begin(write: PlannedWrite): void {
    const { input, unfinished } = write;
    const before = this.#unfinished;
    this.#unfinished = unfinished.length > 0 ? unfinished.slice() : EMPTY;
    this.#setLength(NOTE_SIZE + before.length + unfinished.length);
    const [bytes, view] = [this.#bytes, this.#view];
    view.setUint32(FORM_AT, FORM, true);
    bytes.set(this.#bootId, BOOT_ID_AT);
    view.setBigUint64(CURRENT_AT, write.currentInode, true);
    view.setBigUint64(PIPE_AT, write.pipeInode, true);
    view.setFloat64(SIZE_BEFORE_AT, write.sizeBefore, true);
    view.setFloat64(SIZE_AFTER_AT, write.sizeAfter, true);
    view.setUint32(LENGTH_AT, input.length, true);
    if (write.nextLabel !== undefined) putTime(view, LABEL_AT, write.nextLabel);
    view.setUint16(UNFINISHED_BEFORE_AT, before.length, true);
    view.setUint16(UNFINISHED_AFTER_AT, unfinished.length, true);
    bytes[IS_LAST_APART_AT] = this.mark === undefined ? 0 : 1;
    const last = input.at(-1) ?? 0;
    bytes[LAST_BYTE_AT] = last;
    bytes[MARK_AT] = ~last;
    bytes.set(input.subarray(0, SAMPLE_SIZE), SAMPLE_AT);
    bytes.set(before, NOTE_SIZE);
    bytes.set(unfinished, NOTE_SIZE + before.length);
    this.#write();
  }

  /**
   * Notes that its input is taken out.
   *
   * @param isMarked whether {@linkcode mark} says so already
   */
  end(isMarked: boolean): void {
    this.#bytes[MARK_AT] = this.#bytes[LAST_BYTE_AT]!;
    if (isMarked) return;
    try {
      this.#kernel.writeAt(this.#fd, this.#bytes.subarray(MARK_AT, MARK_AT + 1), MARK_AT);
    } catch (error) {
      // The next run then looks whether it is in the pipe.
      ignoreSystemError(error);
    }
  }

  /**
   * Notes when the first line of `current` came.
   *
   * @throws {SystemError} `write`
   */
  noteFirstLine(time: Timestamp): void {
    putTime(this.#view, FIRST_LINE_AT, time);
    this.#write();
  }

  /** Notes hardly ever get longer; that of an idle log is to take little memory. */
  #setLength(length: number): void {
    this.#length = length;
    if (this.#bytes.length >= length) return;
    const bytes = new Uint8Array(length);
    bytes.set(this.#bytes);
    this.#bytes = bytes;
    this.#view = viewOf(bytes);
  }

  #write(): void {
    this.#isBegun = true;
    const count = this.#kernel.writeAt(this.#fd, this.#bytes.subarray(0, this.#length), 0);
    // A file that is shorter is no note.
    if (count < this.#length) throw new SystemError("write", ERRNO.ENOSPC);
  }
}
