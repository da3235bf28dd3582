/**
 * The finished files of a log directory: how they get their names, and which of them go.
 *
 * A name is `@`, 24 hexadecimal digits of the time when the file was finished, and `.s` (complete
 * and on the disk) or `.u` (left over from a crash). Files are removed by name, the smallest first,
 * so a new name is made greater than every other: the clock may have been set back.
 */

import { type Bytes, compareBytes, concat, decode, encode } from "../../base/bytes.ts";
import { ERRNO } from "../../base/errno.ts";
import { errnoOf, ignoreSystemError, unlessMissing } from "../../base/system_error.ts";
import { LABEL_LENGTH, TAI64_OFFSET, tai64nLabel } from "../../base/tai64n.ts";
import type { LogFolder } from "./log_folder.ts";

const AT_SIGN = 0x40;
const LABEL = /^@[0-9a-f]{24}/;

/** Whether a name counts as an old file: one that daemontools' multilog could have made. */
function isOldLog(name: Bytes): boolean {
  const first = name[1];
  if (name[0] !== AT_SIGN || name.length < LABEL_LENGTH || first === undefined) return false;
  return (first >= 0x30 && first <= 0x39) || (first >= 0x61 && first <= 0x66);
}

/** The label one nanosecond later. */
function successor(label: string): string {
  let seconds = BigInt(`0x${label.slice(1, 17)}`);
  let nanoseconds = Number(`0x${label.slice(17, 25)}`) + 1;
  if (nanoseconds >= 1_000_000_000) {
    nanoseconds = 0;
    seconds++;
  }
  return tai64nLabel({ seconds: Number(seconds - TAI64_OFFSET), nanoseconds });
}

/** The finished files of one directory. */
export class OldLogs {
  readonly #folder: LogFolder;
  /** The newest name, once that was looked for: whoever has the lock makes all of them. */
  #newest: string | undefined;
  /** Names that cannot be removed: directories. Tried once, and then left alone. */
  readonly #immovable = new Set<string>();

  /** @param folder the directory that they are in */
  constructor(folder: LogFolder) {
    this.#folder = folder;
  }

  /** The names of finished files, in no order. */
  list(): Bytes[] {
    return this.#folder.context.kernel.readDirectory(this.#folder.fd, ".").filter(isOldLog);
  }

  /** The name of the newest finished file; undefined if there is none, or it cannot be told. */
  newest(): Bytes | undefined {
    try {
      const later = (a: Bytes, b: Bytes) => compareBytes(a, b) < 0 ? b : a;
      const [first, ...others] = this.list();
      return first && others.reduce(later, first);
    } catch (error) {
      ignoreSystemError(error);
      return undefined;
    }
  }

  /**
   * Gives a file its final name, and removes the files that are too many by then.
   *
   * @param file `previous`, `processed` or `current`; if there is none, nothing is done
   * @param code `s` for a complete file, `u` for what a crash left
   * @returns the final name
   * @throws {GivenUp} when the directory is removed
   */
  async finish(file: string, code: "s" | "u"): Promise<string | undefined> {
    const { name: directory, retrier, fd, context: { kernel } } = this.#folder;
    const links = await retrier.retry(
      ["unable to stat ", directory, "/", file],
      () => this.#linksOf(file),
    );
    if (links === 0) return undefined;
    // More than one link: a crash came between the two steps below.
    const name = links === 1 ? await this.#link(file, code) : undefined;
    await retrier.retry(
      ["unable to remove ", directory, "/", file],
      () => kernel.unlink(fd, file),
    );
    await this.trim(name);
    return name;
  }

  /**
   * Removes the oldest files until few enough are left.
   *
   * @param kept a name that is not removed: the file just finished
   */
  async trim(kept?: string): Promise<void> {
    const { retrier, name: directory } = this.#folder;
    await retrier.retry(["unable to read ", directory], () => {
      const names = this.list();
      if (!this.#areTooMany(names)) return;
      names.sort(compareBytes);
      for (let index = 0; index < names.length && this.#areTooMany(names);) {
        const name = decode(names[index]!);
        if (name === kept || this.#immovable.has(name)) index++;
        else this.#remove(names.splice(index, 1)[0]!);
      }
    });
  }

  #linksOf(file: string): number {
    const { context: { kernel }, fd } = this.#folder;
    return unlessMissing(() => kernel.stat(fd, file))?.links ?? 0;
  }

  async #link(file: string, code: string): Promise<string> {
    const { context: { kernel }, fd, name: directory, retrier } = this.#folder;
    for (;;) {
      const name = `${this.#newLabel()}.${code}`;
      try {
        kernel.link(fd, file, name);
        return name;
      } catch (error) {
        await retrier.pause(["unable to link to ", directory, "/", name], error);
      }
    }
  }

  #newLabel(): string {
    const now = tai64nLabel(this.#folder.context.kernel.now());
    // If there is none, the clock alone must do; trimming says that the directory cannot be read.
    this.#newest ??= decode(this.newest() ?? encode(""));
    const newest = this.#newest;
    const isLater = !LABEL.test(newest) || newest.slice(0, LABEL_LENGTH) < now;
    return this.#newest = isLater ? now : successor(newest);
  }

  #areTooMany(names: readonly Bytes[]): boolean {
    const { keep, totalBytes, sizeBytes, processor } = this.#folder.plan;
    if (names.length - this.#immovable.size >= keep) return true;
    if (totalBytes === 0) return false;
    // What is or may be there beside the finished files: current, and previous and processed.
    const others = sizeBytes * (processor === undefined ? 1 : 3);
    return names.reduce((sum, name) => sum + this.#sizeOf(name), others) > totalBytes;
  }

  #sizeOf(name: Bytes): number {
    return this.#folder.context.kernel.statLink(this.#folder.fd, name).size;
  }

  #remove(name: Bytes): void {
    try {
      this.#folder.context.kernel.unlink(this.#folder.fd, name);
    } catch (error) {
      const errno = errnoOf(error);
      if (errno === ERRNO.ENOENT) return;
      if (errno === ERRNO.EISDIR) this.#immovable.add(decode(name));
      throw error;
    }
  }
}

/** The name under which a finished file is kept when it is compressed. */
export function compressedName(name: string | Bytes): Bytes {
  return concat(name, ".gz");
}
