/**
 * The finished files of a log directory: how they get their names, and which of them go.
 *
 * A name is `@`, 24 hexadecimal digits of the time when the file was finished, and `.s` (complete
 * and on the disk) or `.u` (left over from a crash). The oldest file goes first, so a new name is
 * made later than every other: the clock may have been set back. A name from far in the future was
 * made while the clock was wrong; it counts as older than all others.
 */

import { type Bytes, concat, decode, encode } from "../../base/bytes.ts";
import { ERRNO } from "../../base/errno.ts";
import { errnoOf, ignoreSystemError, unlessMissing } from "../../base/system_error.ts";
import { LABEL_LENGTH, TAI64_OFFSET, tai64nLabel } from "../../base/tai64n.ts";
import type { FileStatus } from "../../system/kernel.ts";
import { MAX_LEAD_SECONDS } from "../label.ts";
import type { LogFolder } from "./log_folder.ts";
import { OldLogList } from "./old_log_list.ts";

const AT_SIGN = 0x40;
const LABEL = /^@[0-9a-f]{24}/;

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
  readonly #list: OldLogList;
  /** The label of the newest name, once that was looked for: only who has the lock makes names. */
  #newest: string | undefined;
  /** Names that cannot be removed: directories. Tried once, and then left alone. */
  readonly #immovable = new Set<string>();

  /** @param folder the directory that they are in */
  constructor(folder: LogFolder) {
    this.#folder = folder;
    this.#list = new OldLogList(folder);
  }

  /**
   * The names of finished files, the oldest first.
   *
   * @throws {SystemError} when the directory cannot be read
   */
  names(): Bytes[] {
    return this.#list.read(this.#farFuture()).map(({ name }) => name);
  }

  /** The name of the newest finished file; undefined if there is none, or it cannot be told. */
  newest(): Bytes | undefined {
    try {
      return this.names().at(-1);
    } catch (error) {
      ignoreSystemError(error);
      return undefined;
    }
  }

  /** Notes that files are about to be finished: whether others were here is looked at now. */
  prepare(): void {
    this.#list.check();
  }

  /**
   * Gives a file its final name, and removes the files that are too many by then. A directory that
   * somebody put there is only moved out of the way.
   *
   * @param file `previous`, `processed` or `current`; if there is none, nothing is done
   * @param code `s` for a complete file, `u` for what a crash left
   * @returns the final name
   * @throws {GivenUp} when the directory is removed
   */
  async finish(file: string, code: "s" | "u"): Promise<string | undefined> {
    const { name: directory, retrier, fd, context: { kernel } } = this.#folder;
    const attempt = ["unable to stat ", directory, "/", file];
    const status = await retrier.retry(
      attempt,
      () => unlessMissing(() => kernel.statLink(fd, file)),
    );
    if (status === undefined) return undefined;
    // Whoever made a directory `current` is told, and can repair it: that log has no other place.
    if (status.kind === "directory" && file !== "current") return await this.#setAside(file);
    // A crash may have come between the two steps below.
    const hasName = await retrier.retry(attempt, () => this.#hasName(status));
    const name = hasName ? undefined : await this.#link(file, code);
    await retrier.retry(
      ["unable to remove ", directory, "/", file],
      () => kernel.unlink(fd, file),
    );
    await this.trim(name);
    this.#list.keep();
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
      try {
        this.#removeOldest(kept);
      } catch (error) {
        this.#list.drop();
        throw error;
      }
    });
  }

  /** Makes a label for a file that is not a log, and later than every name. */
  newLabel(): string {
    const now = tai64nLabel(this.#folder.context.kernel.now());
    // If there is none, the clock alone must do; trimming says that the directory cannot be read.
    this.#newest ??= decode(this.newest() ?? encode("")).slice(0, LABEL_LENGTH);
    const isBehind = !LABEL.test(this.#newest) || this.#newest < now ||
      this.#newest > this.#farFuture();
    return this.#newest = isBehind ? now : successor(this.#newest);
  }

  /**
   * Whether a file has a final name already. Others may have given it names elsewhere; here, one that
   * only looks like a final name counts, too. A directory can have no other name.
   */
  #hasName({ kind, inode, links }: FileStatus): boolean {
    if (links === 1 || kind === "directory") return kind === "directory";
    const { context: { kernel }, fd } = this.#folder;
    return kernel.readDirectory(fd, ".").filter((name) => name[0] === AT_SIGN)
      .some((name) => unlessMissing(() => kernel.statLink(fd, name))?.inode === inode);
  }

  /** Renames what is no file, and in the way. Its new name does not count as that of an old log. */
  async #setAside(file: string): Promise<undefined> {
    const { context: { kernel, reporter }, fd, name: directory, retrier } = this.#folder;
    const name = `${file}.${this.newLabel()}`;
    await retrier.retry(
      ["unable to rename ", directory, "/", file],
      () => kernel.rename(fd, file, name),
    );
    reporter.warning([directory, `/${file} is a directory; it is kept as ${name}`]);
    return undefined;
  }

  async #link(file: string, code: string): Promise<string> {
    const { context: { kernel }, fd, name: directory, retrier } = this.#folder;
    for (;;) {
      const name = `${this.newLabel()}.${code}`;
      try {
        kernel.link(fd, file, name);
        this.#list.add(name);
        return name;
      } catch (error) {
        await retrier.pause(["unable to link to ", directory, "/", name], error);
      }
    }
  }

  /** A later label than this was made while the clock was wrong. */
  #farFuture(): string {
    const { seconds, nanoseconds } = this.#folder.context.kernel.now();
    return tai64nLabel({ seconds: seconds + MAX_LEAD_SECONDS, nanoseconds });
  }

  #removeOldest(kept: string | undefined): void {
    const { context: { kernel }, fd, plan } = this.#folder;
    const { keep, totalBytes, sizeBytes, processor } = plan;
    const files = this.#list.read(this.#farFuture());
    let count = files.length - this.#immovable.size;
    // What is or may be there beside the finished files: current, and previous and processed.
    let sizes = sizeBytes * (processor === undefined ? 1 : 3);
    if (totalBytes > 0) {
      for (const file of files) {
        file.sizeBytes ??= unlessMissing(() => kernel.statLink(fd, file.name))?.size ?? 0;
        sizes += file.sizeBytes;
      }
    }
    const removed = new Set<Bytes>();
    for (const { name, sizeBytes: size = 0 } of files) {
      if (count < keep && (totalBytes === 0 || sizes <= totalBytes)) break;
      const text = decode(name);
      if (text === kept || this.#immovable.has(text)) continue;
      this.#remove(name, text);
      removed.add(name);
      count--;
      sizes -= size;
    }
    if (removed.size > 0) this.#list.remove(removed);
  }

  #remove(name: Bytes, text: string): void {
    const { context: { kernel }, fd } = this.#folder;
    try {
      kernel.unlink(fd, name);
    } catch (error) {
      const errno = errnoOf(error);
      if (errno === ERRNO.EISDIR) this.#immovable.add(text);
      // Others remove files here too: the list is not to be trusted.
      if (errno === ERRNO.ENOENT) this.#list.distrust();
      else throw error;
    }
  }
}

/** The name under which a finished file is kept when it is compressed. */
export function compressedName(name: string | Bytes): Bytes {
  return concat(name, ".gz");
}
