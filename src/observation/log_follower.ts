/**
 * Follows one log while multilog writes it and begins new files.
 *
 * multilog renames `current` to `previous`, makes a new `current`, and gives `previous` its final
 * name when it is on the disk. The open file is read to its end after another has taken its place,
 * so nothing is lost; whatever was finished between two looks is read by its name. A processor or
 * gzip makes another file of the same lines: it takes the name that was due to the file that was
 * read, and is not read again.
 */

import { type Bytes, concat, EMPTY } from "../base/bytes.ts";
import { CWD } from "../base/kernel_constants.ts";
import { unlessMissing } from "../base/system_error.ts";
import type { Timestamp } from "../base/tai64n.ts";
import { labelOf, type LogFiles, oldLogNames } from "./log_directories.ts";
import { linesOf, type LogLine, readLogFile, readToEnd } from "./log_reader.ts";

const NEWLINE = 0x0a;

/** A file that has no final name yet. */
interface Unnamed {
  readonly inode: bigint;
  readonly bytes: Bytes;
}

/** Follows one log directory. */
export class LogFollower {
  readonly #files: LogFiles;
  readonly #directory: string;
  #currentFd: number | undefined;
  #inode = 0n;
  #position = 0;
  /** The beginning of a line that is not complete yet. */
  #begun: Bytes = EMPTY;
  #lastTime: Timestamp | undefined;
  /** The label of the newest finished file that is known. */
  #newest = "";
  /** Inodes of files that were read before they had their final names, the oldest first. */
  #unnamed: bigint[] = [];

  /** Follows a log from its present end on, or from its beginning. */
  constructor(files: LogFiles, directory: string) {
    this.#files = files;
    this.#directory = directory;
  }

  /**
   * Opens the log.
   *
   * @returns the finished files, the oldest first, and the lines of the file that `next` goes on
   *   from, with those before them that are in no finished file yet
   */
  open(): { finished: string[]; lines: LogLine[] } {
    this.#openCurrent();
    const { previous, names } = this.#filesBefore();
    this.#newest = labelOf(names.at(-1) ?? "");
    const lines: LogLine[] = [];
    if (previous !== undefined) {
      this.#unnamed.push(previous.inode);
      lines.push(...this.#take(previous.bytes));
    }
    lines.push(...this.#drain());
    return { finished: names.map((name) => `${this.#directory}/${name}`), lines };
  }

  /** The lines that came since the last call. */
  async next(): Promise<LogLine[]> {
    const lines = this.#drain();
    for (;;) {
      const inode = this.#inodeOf("current");
      // Between two renames there is none; another change tells when there is one again.
      if (inode === undefined || inode === this.#inode) return lines;
      lines.push(...await this.#goOn());
    }
  }

  /** Reads the rest of a file that another has taken the place of, and begins with that. */
  async #goOn(): Promise<LogLine[]> {
    const [oldFd, oldInode] = [this.#currentFd, this.#inode];
    this.#openCurrent();
    const lines: LogLine[] = [];
    if (oldFd !== undefined) {
      lines.push(...this.#take(readToEnd(this.#files, oldFd)));
      this.#files.close(oldFd);
      this.#unnamed.push(oldInode);
    }
    lines.push(...await this.#readBetween());
    lines.push(...this.#drain());
    return lines;
  }

  /** Lets go of the file. */
  close(): void {
    if (this.#currentFd !== undefined) this.#files.close(this.#currentFd);
    this.#currentFd = undefined;
  }

  /** Files that began and were finished since the last look. */
  async #readBetween(): Promise<LogLine[]> {
    const lines: LogLine[] = [];
    const { previous, names } = this.#filesBefore();
    for (const name of names) {
      if (labelOf(name) <= this.#newest) continue;
      this.#newest = labelOf(name);
      // The first that gets a name is the first that was read.
      if (this.#unnamed.shift() !== undefined) continue;
      lines.push(...this.#take(await readLogFile(this.#files, `${this.#directory}/${name}`)));
    }
    if (previous !== undefined) {
      lines.push(...this.#take(previous.bytes));
      this.#unnamed.push(previous.inode);
    }
    return lines;
  }

  /**
   * The files before the open one: their names, and what `previous` holds if it has no other name
   * and was not read. The open file may be finished itself by now; it is none of them.
   */
  #filesBefore(): { previous: Unnamed | undefined; names: string[] } {
    let previous = this.#readPrevious();
    let names = oldLogNames(this.#files, this.#directory);
    if (previous !== undefined && this.#inodeOf("previous") !== previous.inode) {
      // It has got its name, before or after the names were read.
      previous = undefined;
      names = oldLogNames(this.#files, this.#directory);
    }
    const inodes = names.map((name) =>
      labelOf(name) > this.#newest ? this.#inodeOf(name) : undefined
    );
    if (previous !== undefined && inodes.includes(previous.inode)) previous = undefined;
    const own = inodes.indexOf(this.#inode);
    // If the open file has its name already, what is `previous` by now came after it.
    return own < 0 ? { previous, names } : { previous: undefined, names: names.slice(0, own) };
  }

  #readPrevious(): Unnamed | undefined {
    const path = `${this.#directory}/previous`;
    const fd = unlessMissing(() => this.#files.openRead(CWD, path));
    if (fd === undefined) return undefined;
    try {
      const { inode } = this.#files.statFd(fd);
      return this.#isRead(inode) ? undefined : { inode, bytes: readToEnd(this.#files, fd) };
    } finally {
      this.#files.close(fd);
    }
  }

  #isRead(inode: bigint): boolean {
    return inode === this.#inode || this.#unnamed.includes(inode);
  }

  #openCurrent(): void {
    const path = `${this.#directory}/current`;
    this.#currentFd = unlessMissing(() => this.#files.openRead(CWD, path));
    this.#inode = this.#currentFd === undefined ? 0n : this.#files.statFd(this.#currentFd).inode;
    this.#position = 0;
  }

  #inodeOf(name: string): bigint | undefined {
    return unlessMissing(() => this.#files.stat(CWD, `${this.#directory}/${name}`).inode);
  }

  #drain(): LogLine[] {
    if (this.#currentFd === undefined) return [];
    if (this.#files.statFd(this.#currentFd).size < this.#position) {
      // Somebody emptied it.
      this.#files.seek(this.#currentFd, 0);
      this.#position = 0;
      this.#begun = EMPTY;
    }
    const bytes = readToEnd(this.#files, this.#currentFd);
    this.#position += bytes.length;
    return this.#take(bytes);
  }

  /** Adds what was read: the lines that are complete now. A file may end in the midst of one. */
  #take(bytes: Bytes): LogLine[] {
    const whole = this.#begun.length === 0 ? bytes : concat(this.#begun, bytes);
    const end = whole.lastIndexOf(NEWLINE) + 1;
    this.#begun = whole.subarray(end);
    const lines = linesOf(whole.subarray(0, end), this.#lastTime);
    this.#lastTime = lines.at(-1)?.at ?? this.#lastTime;
    return lines;
  }
}
