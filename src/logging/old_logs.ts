/**
 * The finished files of a log directory: how they get their names, and which of them go.
 *
 * A name is `@`, 24 hexadecimal digits of the time when the file was finished, and `.s` (complete
 * and on the disk) or `.u` (left over from a crash). Files are removed by name, the smallest first,
 * so a new name is made greater than every other: the clock may have been set back.
 */

import { type Bytes, compareBytes, concat, decode, encode } from "../base/bytes.ts";
import { ERRNO } from "../base/errno.ts";
import { errnoOf } from "../base/system_error.ts";
import { LABEL_LENGTH, TAI64_OFFSET, tai64nLabel } from "../base/tai64n.ts";
import type { Kernel } from "../system/kernel.ts";
import type { DirectoryPlan } from "./script.ts";
import type { Persistence } from "./trouble.ts";

/** What is needed of the kernel. */
export type OldLogsKernel = Pick<
  Kernel,
  "readDirectory" | "stat" | "statLink" | "link" | "unlink" | "now"
>;

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
  readonly #kernel: OldLogsKernel;
  readonly #directoryFd: number;
  readonly #plan: DirectoryPlan;
  readonly #persistence: Persistence;
  /** The newest name, once that was looked for: whoever has the lock makes all of them. */
  #newest: string | undefined;
  /** Names that cannot be removed: directories. Tried once, and then left alone. */
  readonly #immovable = new Set<string>();

  /** Looks at nothing yet. */
  constructor(
    kernel: OldLogsKernel,
    directoryFd: number,
    plan: DirectoryPlan,
    persistence: Persistence,
  ) {
    this.#kernel = kernel;
    this.#directoryFd = directoryFd;
    this.#plan = plan;
    this.#persistence = persistence;
  }

  /** The names of finished files, in no order. */
  list(): Bytes[] {
    return this.#kernel.readDirectory(this.#directoryFd, ".").filter(isOldLog);
  }

  /** The name of the newest finished file; undefined if there is none, or it cannot be told. */
  newest(): Bytes | undefined {
    try {
      const later = (a: Bytes, b: Bytes) => compareBytes(a, b) < 0 ? b : a;
      const [first, ...others] = this.list();
      return first && others.reduce(later, first);
    } catch (error) {
      errnoOf(error);
      return undefined;
    }
  }

  /**
   * Gives a file its final name, and removes the files that are too many by then.
   *
   * @param file `previous`, `processed` or `current`; if there is none, nothing is done
   * @param code `s` for a complete file, `u` for what a crash left
   * @returns the final name
   */
  async finish(file: string, code: "s" | "u"): Promise<string | undefined> {
    const { path } = this.#plan;
    const links = await this.#persistence.until(
      ["unable to stat ", path, "/", file],
      () => this.#linksOf(file),
    );
    if (links === 0) return undefined;
    // More than one link: a crash came between the two steps below.
    const name = links === 1 ? await this.#link(file, code) : undefined;
    await this.#persistence.until(
      ["unable to remove ", path, "/", file],
      () => this.#kernel.unlink(this.#directoryFd, file),
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
    await this.#persistence.until(["unable to read ", this.#plan.path], () => {
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
    try {
      return this.#kernel.stat(this.#directoryFd, file).links;
    } catch (error) {
      if (errnoOf(error) === ERRNO.ENOENT) return 0;
      throw error;
    }
  }

  async #link(file: string, code: string): Promise<string> {
    for (;;) {
      const name = `${this.#newLabel()}.${code}`;
      try {
        this.#kernel.link(this.#directoryFd, file, name);
        return name;
      } catch (error) {
        const parts = ["unable to link to ", this.#plan.path, "/", name];
        await this.#persistence.pause(parts, errnoOf(error));
      }
    }
  }

  #newLabel(): string {
    const now = tai64nLabel(this.#kernel.now());
    // If there is none, the clock alone must do; trimming says that the directory cannot be read.
    this.#newest ??= decode(this.newest() ?? encode(""));
    const newest = this.#newest;
    const isLater = !LABEL.test(newest) || newest.slice(0, LABEL_LENGTH) < now;
    return this.#newest = isLater ? now : successor(newest);
  }

  #areTooMany(names: readonly Bytes[]): boolean {
    const { keep, totalBytes, sizeBytes, processor } = this.#plan;
    if (names.length - this.#immovable.size >= keep) return true;
    if (totalBytes === 0) return false;
    // What is or may be there beside the finished files: current, and previous and processed.
    const others = sizeBytes * (processor === undefined ? 1 : 3);
    return names.reduce((sum, name) => sum + this.#sizeOf(name), others) > totalBytes;
  }

  #sizeOf(name: Bytes): number {
    return this.#kernel.statLink(this.#directoryFd, name).size;
  }

  #remove(name: Bytes): void {
    try {
      this.#kernel.unlink(this.#directoryFd, name);
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
