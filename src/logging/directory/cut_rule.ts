/**
 * Where a log is cut into files, exactly as daemontools' multilog cuts it.
 *
 * That program collects what it writes in a buffer of 512 bytes, which it also empties before
 * each of its reads of 1024 bytes; the block that crosses `size - 2000` is cut behind its last
 * newline. So the places depend on where blocks begin. Here nothing is collected: blocks are only
 * counted, however much is written at a time in truth.
 */

const BUFFER_SIZE = 512;
/** How far before the size limit a file may end, in bytes. */
export const SLACK = 2000;

/** A place where a new file begins. */
export interface Cut {
  /** Behind so many bytes of all that was appended. */
  readonly position: number;
  /**
   * What came before it is from before this place in the input, and all else from behind it, but
   * for a label that is cut. Infinity: from all of the input that was taken in.
   */
  readonly sourceEnd: number;
}

/** Decides, while bytes are appended to a log, behind which of them a new file begins. */
export class CutRule {
  /** The bytes that are in the file by this rule; those in the imagined buffer are not. */
  #fileSize: number;
  readonly #limit: number;
  readonly #onCut: (cut: Cut) => void;
  /** How much is in the imagined buffer. */
  #buffered = 0;
  /** The ends of the lines in it, and what of the input each line came from. */
  readonly #lineEnds = new Uint16Array(BUFFER_SIZE + 1);
  readonly #sourceEnds = new Uint16Array(BUFFER_SIZE + 1);
  #lineEndCount = 0;
  /** How much was appended in all. */
  #position = 0;
  /** Where in the input the last of that ended. */
  #sourceEnd = 0;
  /** And what was appended before the imagined buffer. */
  #bufferSource = 0;

  /**
   * @param limit the size that a file never exceeds, in bytes
   * @param fileSize how much is in the file already
   * @param onCut told of each place for a new file
   */
  constructor(limit: number, fileSize: number, onCut: (cut: Cut) => void) {
    this.#limit = limit;
    this.#fileSize = fileSize;
    this.#onCut = onCut;
  }

  /** How much was appended, in bytes. */
  get position(): number {
    return this.#position;
  }

  /** How much is in the file, once flushed. */
  get fileSize(): number {
    return this.#fileSize;
  }

  /** How many bytes may be skipped with {@linkcode skip} before a cut can be near. */
  get distance(): number {
    return this.#limit - SLACK - 1 - this.#fileSize - this.#buffered;
  }

  /** Notes that places in the input count anew from here on. The imagined buffer is empty. */
  beginInput(): void {
    this.#sourceEnd = this.#bufferSource = 0;
  }

  /**
   * Notes a block without a newline in it: the first bytes of a line.
   *
   * @param sourceEnd where in the input its text ended
   */
  appendBlock(length: number, sourceEnd: number): void {
    this.#position += length;
    if (length > BUFFER_SIZE - this.#buffered) {
      if (this.#buffered > 0) this.#writeBuffer(this.#position - length);
      if (length > BUFFER_SIZE) {
        this.#sourceEnd = sourceEnd;
        this.#writeBlock(this.#position - length, length);
        this.#bufferSource = sourceEnd;
        return;
      }
    }
    this.#sourceEnd = sourceEnd;
    this.#buffered += length;
  }

  /**
   * Notes a short line: a block and a newline, in the usual case all at once.
   *
   * @param sourceEnd where in the input it ended
   */
  appendLine(length: number, sourceEnd: number): void {
    const buffered = this.#buffered + length + 1;
    if (buffered > BUFFER_SIZE) {
      this.appendBlock(length, sourceEnd - 1);
      this.appendNewline(sourceEnd);
      return;
    }
    this.#position += length + 1;
    this.#buffered = buffered;
    this.#sourceEnd = sourceEnd;
    this.#sourceEnds[this.#lineEndCount] = sourceEnd;
    this.#lineEnds[this.#lineEndCount++] = buffered;
  }

  /**
   * Notes a newline.
   *
   * @param sourceEnd where in the input its line ended
   */
  appendNewline(sourceEnd: number): void {
    this.#position++;
    if (this.#buffered === BUFFER_SIZE) this.#writeBuffer(this.#position - 1);
    this.#buffered++;
    this.#sourceEnd = sourceEnd;
    this.#sourceEnds[this.#lineEndCount] = sourceEnd;
    this.#lineEnds[this.#lineEndCount++] = this.#buffered;
  }

  /**
   * Notes bytes without a newline among them, each a block of its own: the rest of a long line.
   *
   * @param sourceEnd where in the input they ended
   */
  appendSingly(length: number, sourceEnd: number): void {
    for (let left = length; left > 0;) {
      if (this.#buffered === BUFFER_SIZE) this.#writeBuffer(this.#position);
      const taken = Math.min(left, BUFFER_SIZE - this.#buffered);
      this.#buffered += taken;
      this.#position += taken;
      left -= taken;
      this.#sourceEnd = sourceEnd - left;
    }
  }

  /**
   * Notes many bytes, at most {@linkcode distance}, when the buffer is empty before and after.
   *
   * @param sourceEnd where in the input they ended
   */
  skip(length: number, sourceEnd: number): void {
    this.#position += length;
    this.#fileSize += length;
    this.#sourceEnd = this.#bufferSource = sourceEnd;
  }

  /** Notes that the input is read from again. */
  flush(): void {
    if (this.#buffered > 0) this.#writeBuffer(this.#position);
  }

  /** Notes that a new file began for another reason, with an empty buffer. */
  restart(): void {
    this.#fileSize = 0;
  }

  #writeBuffer(end: number): void {
    const length = this.#buffered;
    if (this.#fileSize + length < this.#limit - SLACK) this.#fileSize += length;
    else this.#writeBlock(end - length, length);
    this.#buffered = 0;
    this.#lineEndCount = 0;
    this.#bufferSource = this.#sourceEnd;
  }

  #writeBlock(start: number, length: number): void {
    const limit = this.#limit;
    for (let done = 0; done < length;) {
      if (this.#fileSize >= limit) {
        this.#onCut({ position: start + done, sourceEnd: this.#sourceAt(done, length) });
        this.#fileSize = 0;
      }
      let taken = Math.min(length - done, limit - this.#fileSize);
      let sourceEnd: number | undefined;
      if (this.#fileSize + taken >= limit - SLACK) {
        const line = this.#lastLine(done, done + taken);
        if (line >= 0) {
          taken = this.#lineEnds[line]! - done;
          sourceEnd = this.#sourceEnds[line];
        }
      }
      this.#fileSize += taken;
      done += taken;
      if (sourceEnd !== undefined && this.#fileSize >= limit - SLACK) {
        this.#onCut({ position: start + done, sourceEnd });
        this.#fileSize = 0;
      }
    }
  }

  /** Where in the input a place in the buffer came from; `length` is how much is in it. */
  #sourceAt(offset: number, length: number): number {
    let [lineStart, end, source] = [this.#bufferSource, length, this.#sourceEnd];
    for (let index = 0; index < this.#lineEndCount; index++) {
      const sourceEnd = this.#sourceEnds[index]!;
      if (this.#lineEnds[index]! >= offset) {
        [end, source] = [this.#lineEnds[index]!, sourceEnd];
        break;
      }
      lineStart = sourceEnd;
    }
    // All of a line is as it came, behind its label.
    return Math.max(lineStart, source - (end - offset));
  }

  /** The last line that ends in a part of the buffer; in blocks beside the buffer none does. */
  #lastLine(from: number, to: number): number {
    for (let index = this.#lineEndCount - 1; index >= 0; index--) {
      const end = this.#lineEnds[index]!;
      if (end <= to) return end > from ? index : -1;
    }
    return -1;
  }
}
