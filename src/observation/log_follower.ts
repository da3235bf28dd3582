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
   * @returns the files that hold what is there, the oldest first, and then what `next` goes on
   *   from: the lines of `current`
   */
  open(): { finished: string[]; lines: LogLine[] } {
    this.#openCurrent();
    const previous = this.#inodeOf("previous");
    const names = oldLogNames(this.#files, this.#directory);
    this.#newest = labelOf(names.at(-1) ?? "");
    const isNamed = names.slice(-1).some((name) => this.#inodeOf(name) === previous);
    const hasPrevious = previous !== undefined && previous !== this.#inode && !isNamed;
    if (hasPrevious) this.#unnamed.push(previous);
    const finished = hasPrevious ? [...names, "previous"] : names;
    return {
      finished: finished.map((name) => `${this.#directory}/${name}`),
      lines: this.#drain(),
    };
  }

  /** The lines that came since the last call. */
  async next(): Promise<LogLine[]> {
    const lines = this.#drain();
    const inode = this.#inodeOf("current");
    // Between two renames there is none; another change tells when there is one again.
    if (inode === undefined) return lines;
    if (this.#currentFd === undefined) {
      this.#openCurrent();
      return [...lines, ...this.#drain()];
    }
    if (inode === this.#inode) return lines;
    const oldFd = this.#currentFd;
    const oldInode = this.#inode;
    this.#openCurrent();
    // What was written to the old one before the new one was there.
    lines.push(...this.#take(readToEnd(this.#files, oldFd)));
    this.#files.close(oldFd);
    this.#unnamed.push(oldInode);
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
    const previous = this.#inodeOf("previous");
    const previousBytes = previous === undefined || this.#isRead(previous)
      ? undefined
      : await readLogFile(this.#files, `${this.#directory}/previous`);
    let isPreviousNamed = false;
    for (const name of oldLogNames(this.#files, this.#directory)) {
      if (labelOf(name) <= this.#newest) continue;
      this.#newest = labelOf(name);
      const inode = this.#inodeOf(name);
      if (inode === previous) isPreviousNamed = true;
      // The first that gets a name is the first that was read.
      if (this.#unnamed.shift() !== undefined) continue;
      lines.push(...this.#take(await readLogFile(this.#files, `${this.#directory}/${name}`)));
    }
    if (previousBytes !== undefined && previous !== undefined && !isPreviousNamed) {
      lines.push(...this.#take(previousBytes));
      this.#unnamed.push(previous);
    }
    return lines;
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
