/**
 * Which finished files there are. Reading a directory of a thousand names takes longer than all else
 * that a rotation does; so the list is kept from one rotation to the next, unless others
 * changed the directory in between.
 */

import { type Bytes, compareBytes, encode } from "../../base/bytes.ts";
import { ignoreSystemError } from "../../base/system_error.ts";
import { LABEL_LENGTH, type Timestamp } from "../../base/tai64n.ts";
import type { LogFolder } from "./log_folder.ts";

const AT_SIGN = 0x40;
/** The list is read again after so many rotations: what changes within a clock tick is not seen. */
const LONGEST_USE = 64;

/** A finished file. */
export interface OldLog {
  /** Its name. */
  readonly name: Bytes;
  /** Its size, once that was asked for, in bytes. */
  sizeBytes?: number;
}

/** Whether a name counts as an old file: one that daemontools' multilog could have made. */
function isOldLog(name: Bytes): boolean {
  const first = name[1];
  if (name[0] !== AT_SIGN || name.length < LABEL_LENGTH || first === undefined) return false;
  return (first >= 0x30 && first <= 0x39) || (first >= 0x61 && first <= 0x66);
}

/** The finished files of one directory, the oldest first. */
export class OldLogList {
  readonly #folder: LogFolder;
  #files: OldLog[] | undefined;
  /** When the directory had changed last, after our own changes; undefined where it must be read. */
  #keptAt: Timestamp | undefined;
  #uses = 0;

  /** @param folder the directory that they are in */
  constructor(folder: LogFolder) {
    this.#folder = folder;
  }

  /**
   * The files.
   *
   * @param farFuture names that are later than this label come first
   * @throws {SystemError} when the directory cannot be read
   */
  read(farFuture: string): readonly OldLog[] {
    if (this.#files === undefined) {
      const { context: { kernel }, fd } = this.#folder;
      const names = kernel.readDirectory(fd, ".").filter(isOldLog).sort(compareBytes);
      const limit = encode(farFuture);
      const future = names.findIndex((name) => compareBytes(name, limit) > 0);
      const inOrder = future < 0 ? names : [...names.slice(future), ...names.slice(0, future)];
      this.#files = inOrder.map((name) => ({ name }));
      this.#uses = 0;
    }
    return this.#files;
  }

  /** Adds a file that was just made: the newest one. */
  add(name: string): void {
    this.#files?.push({ name: encode(name) });
  }

  /** Drops files that were removed. */
  remove(names: ReadonlySet<Bytes>): void {
    this.#files = this.#files?.filter(({ name }) => !names.has(name));
  }

  /** Forgets everything. */
  drop(): void {
    this.#files = undefined;
  }

  /** Has the list read again for the next rotation. */
  distrust(): void {
    this.#uses = LONGEST_USE;
  }

  /** Notes that our own changes are done, for now. */
  keep(): void {
    const { processor, gzip } = this.#folder.plan;
    // A processor and compression change the directory at their own time.
    const isOurs = processor === undefined && !gzip;
    if (!isOurs || ++this.#uses >= LONGEST_USE) this.drop();
    this.#keptAt = this.#files && this.#changedAt();
  }

  /** Forgets everything if others have changed the directory since {@linkcode keep}. */
  check(): void {
    if (this.#files === undefined) return;
    const kept = this.#keptAt;
    const changed = this.#changedAt();
    const isSame = kept !== undefined && changed !== undefined &&
      kept.seconds === changed.seconds && kept.nanoseconds === changed.nanoseconds;
    if (!isSame) this.drop();
  }

  #changedAt(): Timestamp | undefined {
    const { context: { kernel }, fd } = this.#folder;
    try {
      return kernel.fileTimes(fd, ".").modified;
    } catch (error) {
      // Reading the list says what is wrong.
      ignoreSystemError(error);
      return undefined;
    }
  }
}
