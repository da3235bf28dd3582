/**
 * What supervise keeps in a service directory: `supervise/lock`, `control`, `ok` and `status`.
 *
 * The directory is held by a descriptor, so it may be renamed while it is in use, and many can be
 * used by one process.
 *
 * @see https://cr.yp.to/daemontools/supervise.html
 */

import { type Bytes, concat, EMPTY, encode } from "../base/bytes.ts";
import { ERRNO } from "../base/errno.ts";
import { fatal, type MessagePart, ProgramEnd } from "../base/messages.ts";
import { EXIT_FAILURE } from "../base/exit_codes.ts";
import { errnoOf, ignoreSystemError, unlessMissing } from "../base/system_error.ts";
import type { HeldDescriptors } from "./handover.ts";
import type { SupervisionKernel } from "./host.ts";
import type { FileIdentity } from "../system/kernel.ts";
import type { StoredFile } from "./storage.ts";
import type { ServicePlace } from "./service_place.ts";

const PROGRAM = "supervise";
/** What is there waits for its own kind only. */
const UNKNOWN_DEVICE = -1;
/** A link's target this long was more than the C program could hold. */
const LINK_LIMIT = 256;

/** Which directory. */
type DirectoryPlace = Pick<ServicePlace, "at" | "path" | "name" | "handed">;

/** Why a status record could not be written. */
export interface StatusFailure {
  /** What was tried, in words. */
  readonly parts: readonly MessagePart[];
  /** The system error, if it was one. */
  readonly caught?: unknown;
}

const HELD_FILES = ["lock", "control", "ok"] as const;

/** What stays open of `supervise/`. */
type HeldFile = typeof HELD_FILES[number];

/** Descriptors of what stays open. A record: a map would be six times as large. */
type HeldFds = { [file in HeldFile]?: number };

const PATHS: Readonly<Record<HeldFile, Bytes>> = {
  lock: encode("supervise/lock"),
  control: encode("supervise/control"),
  ok: encode("supervise/ok"),
};

/** The open files of one supervised directory. */
export class ServiceDirectory {
  readonly #files: SupervisionKernel;
  #held: HeldFds = {};
  #isOpen = true;
  /** Which files are open, by descriptor, as far as that was asked: it does not change. */
  #identities: readonly (FileIdentity & { readonly fd: number })[] = [];
  /** How messages name the directory. */
  readonly name: Bytes;
  /** The directory itself. */
  readonly fd: number;
  /** Whether there was a `down` file: the service is not wanted up from the start. */
  readonly startsDown: boolean;

  /**
   * Opens a directory and takes its lock.
   *
   * @throws {ProgramEnd} with the message of the step that failed; nothing stays open
   */
  constructor(files: SupervisionKernel, { at, path, name, handed }: DirectoryPlace) {
    this.#files = files;
    this.name = name;
    const open = () => handed?.directoryFd ?? files.keep(files.openDirectory(at, path));
    this.fd = this.#require(["unable to chdir to ", name], open);
    if (handed !== undefined) {
      const { lockFd, controlFd, okFd } = handed;
      this.#held = { lock: lockFd, control: controlFd, ok: okFd };
    }
    try {
      this.startsDown = this.#hasDownFile();
      if (handed === undefined) {
        this.#makeDirectory();
        this.#lock();
        this.#openControl();
      }
      this.#noteDevices();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** The control FIFO: both its ends, so that it never reaches end of file. */
  get controlFd(): number {
    return this.#held.control!;
  }

  /** The lock, by which the storage of `supervise/` is told. */
  get lockFile(): StoredFile {
    const fd = this.#held.lock!;
    return { fd, device: this.#deviceOf(fd) };
  }

  /** The number of the file system that the directory itself is on. */
  get device(): number {
    return this.#deviceOf(this.fd);
  }

  /** Asks as long as the file systems answer: what is asked first when they hang would hang. */
  #noteDevices(): void {
    for (const fd of [this.fd, this.#held.lock!]) this.#deviceOf(fd);
  }

  #deviceOf(fd: number): number {
    try {
      return this.#identityOf(fd).device;
    } catch (error) {
      ignoreSystemError(error);
      return UNKNOWN_DEVICE;
    }
  }

  /** What is open, for a successor in this process; undefined when something is missing. */
  handOver(): HeldDescriptors | undefined {
    const { lock: lockFd, control: controlFd, ok: okFd } = this.#held;
    if (lockFd === undefined || controlFd === undefined || okFd === undefined) return undefined;
    return { directoryFd: this.fd, lockFd, controlFd, okFd };
  }

  /** How many descriptors are open for the directory. */
  get descriptorCount(): number {
    return this.#isOpen ? 1 + fdsOf(this.#held).length : 0;
  }

  /**
   * Lets svok succeed. To be called after the first status record is written, so that a
   * supervised service always has one.
   *
   * @throws {ProgramEnd} when the FIFO cannot be opened
   */
  announce(): void {
    if (this.#held.ok !== undefined) return;
    this.#makeFifo("ok");
    this.#hold(
      "ok",
      ["unable to read ", this.name, "/supervise/ok"],
      () => this.#files.openRead(this.fd, "supervise/ok"),
    );
  }

  /**
   * Whether what svc, svstat and svok use is still what is open here.
   *
   * @throws {SystemError} when that cannot be found out
   */
  isSound(): boolean {
    return this.#isInPlace("control");
  }

  /** Whether the directory was removed: nothing can be made in it any more. */
  isRemoved(): boolean {
    try {
      this.#files.mkdir(this.fd, "supervise", 0o700);
      return false;
    } catch (error) {
      return errnoOf(error) === ERRNO.ENOENT;
    }
  }

  /**
   * Makes `supervise/` again, with what belongs in it but the status record. `controlFd` is
   * another one then.
   *
   * @throws {ProgramEnd} with the message of the step that failed; then all is as it was
   */
  remake(): void {
    const before = this.#held;
    this.#held = {};
    try {
      this.#makeDirectory();
      for (const name of HELD_FILES) {
        const fd = before[name];
        if (fd !== undefined && this.#isInPlace(name, fd)) this.#held[name] = fd;
      }
      if (this.#held.lock === undefined) this.#lock();
      if (this.#held.control === undefined) this.#openControl();
      if (this.#held.ok === undefined) this.announce();
    } catch (error) {
      this.#closeAllBut(before);
      this.#held = before;
      throw error;
    }
    const now = this.#held;
    this.#held = before;
    this.#closeAllBut(now);
    this.#held = now;
    this.#noteDevices();
  }

  /**
   * Replaces the status record, never leaving half of one.
   *
   * @param record its 18 bytes
   * @returns why that failed and the old record stays; undefined when it worked
   */
  writeStatus(record: Bytes): StatusFailure | undefined {
    const files = this.#files;
    const newPath = [this.name, "/supervise/status.new"];
    let step = "open";
    try {
      const fd = files.openTruncate(this.fd, "supervise/status.new");
      try {
        step = "write";
        if (files.write(fd, record) < record.length) {
          return { parts: ["unable to write ", ...newPath, ": partial write"] };
        }
      } finally {
        files.close(fd);
      }
      step = "rename";
      files.rename(this.fd, "supervise/status.new", "supervise/status");
      return undefined;
    } catch (caught) {
      const where = step === "rename" ? " to status" : "";
      return { parts: [`unable to ${step} `, ...newPath, where], caught };
    }
  }

  /** Lets go of the directory, its lock included. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    for (const fd of [...fdsOf(this.#held), this.fd]) this.#close(fd);
  }

  #closeAllBut(kept: HeldFds): void {
    const keptFds = fdsOf(kept);
    for (const fd of fdsOf(this.#held)) if (!keptFds.includes(fd)) this.#close(fd);
  }

  #isInPlace(name: HeldFile, fd = this.#held[name]!): boolean {
    const opened = this.#identityOf(fd);
    return unlessMissing(() => this.#files.leadsTo(this.fd, PATHS[name], opened)) ?? false;
  }

  #identityOf(fd: number): FileIdentity {
    const known = this.#identities.find((each) => each.fd === fd);
    if (known !== undefined) return known;
    const { device, inode } = this.#files.statFd(fd);
    const identity = { fd, device, inode };
    // A spread would leave room for many more.
    this.#identities = this.#identities.concat([identity]);
    return identity;
  }

  #close(fd: number): void {
    this.#identities = this.#identities.filter((each) => each.fd !== fd);
    this.#files.close(fd);
  }

  #require<T>(what: readonly MessagePart[], step: () => T): T {
    try {
      return step();
    } catch (error) {
      fatal(PROGRAM, what, error);
    }
  }

  #hold(name: HeldFile, what: readonly MessagePart[], open: () => number): number {
    const fd = this.#require(what, () => this.#files.keep(open()));
    this.#held[name] = fd;
    return fd;
  }

  #hasDownFile(): boolean {
    const stat = () => unlessMissing(() => this.#files.stat(this.fd, "down"));
    return this.#require(["unable to stat ", this.name, "/down"], stat) !== undefined;
  }

  /** Makes `supervise`; where that is a link, its target. What is in the way shows at the lock. */
  #makeDirectory(): void {
    if (this.#mkdir("supervise")) return;
    let target = EMPTY;
    try {
      target = this.#files.readLink(this.fd, "supervise");
    } catch (error) {
      const errno = errnoOf(error);
      if (errno === ERRNO.ENOENT || errno === ERRNO.EINVAL) return;
      fatal(PROGRAM, ["unable to readlink ", this.name, "/supervise"], error);
    }
    if (target.length >= LINK_LIMIT) {
      const text = concat("unable to readlink ./supervise: unknown error\n");
      throw new ProgramEnd(EXIT_FAILURE, text);
    }
    this.#mkdir(target);
  }

  #mkdir(path: string | Bytes): boolean {
    try {
      this.#files.mkdir(this.fd, path, 0o700);
      return true;
    } catch (error) {
      ignoreSystemError(error);
      return false;
    }
  }

  #lock(): void {
    const what = ["unable to acquire ", this.name, "/supervise/lock"];
    const lockFd = this.#hold(
      "lock",
      what,
      () => this.#files.openAppend(this.fd, "supervise/lock"),
    );
    this.#require(what, () => this.#files.lock(lockFd, false));
  }

  #openControl(): void {
    this.#makeFifo("control");
    const path = "supervise/control";
    const what = [this.name, "/", path];
    // The C program opens it for reading, then for writing, and says which failed.
    const readFd = this.#require(
      ["unable to read ", ...what],
      () => this.#files.openRead(this.fd, path),
    );
    this.#files.close(readFd);
    const controlFd = this.#hold(
      "control",
      ["unable to write ", ...what],
      () => this.#files.openReadWrite(this.fd, path),
    );
    const stat = () => this.#files.statFd(controlFd);
    if (this.#require(["unable to stat ", ...what], stat).kind !== "fifo") {
      fatal(PROGRAM, [
        this.name,
        "/supervise/control is not a FIFO; remove it, and it is made anew",
      ]);
    }
  }

  #makeFifo(name: string): void {
    try {
      this.#files.mkfifo(this.fd, `supervise/${name}`, 0o600);
    } catch (error) {
      // It exists already, or opening it tells what is wrong.
      ignoreSystemError(error);
    }
  }
}

function fdsOf(held: HeldFds): number[] {
  return HELD_FILES.map((name) => held[name]).filter((fd) => fd !== undefined);
}
