/** A log directory in memory and a clock that moves when the event loop waits: for logging's tests. */

import { type Bytes, decode, encode } from "../../src/base/bytes.ts";
import { ERRNO, type ErrnoName } from "../../src/base/errno.ts";
import { CWD, WOULD_BLOCK } from "../../src/base/kernel_constants.ts";
import { createReporter } from "../../src/base/messages.ts";
import { SystemError } from "../../src/base/system_error.ts";
import type { Timestamp } from "../../src/base/tai64n.ts";
import { LookPipe } from "../../src/logging/pipe_input.ts";
import { StreamBuffers } from "../../src/logging/stream_buffers.ts";
import type { LogKernel, StreamContext } from "../../src/logging/stream_context.ts";
import { Reactor } from "../../src/reactor/reactor.ts";
import type { Clock, FileStatus, FileTimes, Path } from "../../src/system/kernel.ts";

/** A file, whatever its names. */
interface File {
  readonly inode: bigint;
  bytes: number[];
  permissions: number;
  links: number;
  readonly createdMs: number;
  modifiedMs: number;
  accessedMs: number;
}

/** What an open descriptor leads to. */
interface OpenFile {
  readonly file: File;
  offset: number;
}

const timestamp = (timeMs: number) => ({
  seconds: Math.floor(timeMs / 1000),
  nanoseconds: timeMs % 1000 * 1_000_000,
});

const text = (path: Path) => typeof path === "string" ? path : decode(path);

/** One directory, as far as logs use it. */
export class FakeLogKernel implements LogKernel, Clock {
  /** The clock, in milliseconds. */
  timeMs = 1_000_000;
  /** What is in the directory. */
  readonly files = new Map<string, File>();
  /** What the next calls of a function fail with: one entry a call. */
  readonly failures: Partial<Record<string, ErrnoName[]>> = {};
  /** How often a function was called. */
  readonly calls: Record<string, number> = {};
  /** What standard input has; when it is empty more may come. */
  input = "";
  /** Whether standard input is a pipe, in which can be looked at it. */
  isPipe = false;
  /** Whether the directory is on a disk of this machine. */
  isDiskLocal = true;
  /** Whether standard input is watched. */
  isWatched = false;
  /** What was thrown that should not have been. */
  readonly bugs: unknown[] = [];
  /** What was said. */
  readonly messages: string[] = [];
  /** The event loop. */
  readonly reactor: Reactor;
  readonly #open = new Map<number, OpenFile>();
  #nextInode = 1n;
  readonly #standardInput: File = this.#newFile(0o600);
  /** Whether what the event loop runs for is done: then no more time passes. */
  #isDone = false;
  /** How often the event loop was run. */
  #turns = 0;
  /** What was looked at in standard input. */
  #looked: File = this.#newFile(0o600);
  #nextFd = 3;
  /** Grows with each change of a name, as the directory's time would. */
  #changes = 0;

  /** Makes an empty directory. */
  constructor() {
    const poller = {
      add: () => void (this.isWatched = true),
      remove: () => void (this.isWatched = false),
      wake: () => {},
      turns: 0,
      wait: async (timeoutMs: number) => {
        // What is due in this turn comes first.
        await new Promise((resolve) => setTimeout(resolve, 0));
        if (this.isWatched && this.input.length > 0) return [0];
        if (timeoutMs > 0 && !this.#isDone) this.timeMs += timeoutMs;
        return [];
      },
    };
    this.reactor = new Reactor(poller, this, (error) => void this.bugs.push(error));
  }

  /** The fake as what a log stream takes. */
  get context(): StreamContext {
    return {
      kernel: this,
      reactor: this.reactor,
      children: {
        start: () => {
          throw new SystemError("posix_spawn", ERRNO.EAGAIN);
        },
      },
      environment: [],
      buffers: new StreamBuffers(),
      lookPipe: new LookPipe(this),
      program: "multilog",
      reporter: createReporter("multilog", (line) => void this.messages.push(decode(line))),
      workingDirectoryFd: CWD,
      errorFd: 2,
      describe: (path) => path,
    };
  }

  /** How many descriptors are open. */
  get openCount(): number {
    return this.#open.size;
  }

  /** Puts a file into the directory. */
  put(name: string, contents: string, permissions = 0o644): void {
    this.#changes++;
    this.files.set(name, this.#newFile(permissions, contents));
  }

  /** What a file holds. */
  contents(name: string): string {
    return String.fromCharCode(...this.files.get(name)?.bytes ?? []);
  }

  /** Runs the event loop until something is done. */
  async until<T>(work: Promise<T>): Promise<T> {
    this.#isDone = false;
    const turn = ++this.#turns;
    // What ran before may be done only now.
    const done = () => {
      if (turn === this.#turns) this.#isDone = true;
    };
    work.then(done, done);
    await this.reactor.run(() => this.#isDone);
    return await work;
  }

  /** Runs the event loop while time passes. */
  async pass(timeMs: number): Promise<void> {
    await this.until(new Promise<void>((resolve) => this.reactor.after(timeMs, resolve)));
  }

  now() {
    return { seconds: Math.floor(this.timeMs / 1000), nanoseconds: 500 };
  }

  monotonicMs(): number {
    return this.timeMs;
  }

  localTime(): null {
    return null;
  }

  mkdir(): void {}

  openDirectory(): number {
    return this.#openFile(this.#newFile(0o700));
  }

  lock(): void {
    this.#fail("lock");
  }

  openAppend(_at: number, path: Path): number {
    this.#fail("open");
    return this.#openFile(this.#fileOrNew(path, 0o600));
  }

  openTruncate(_at: number, path: Path): number {
    const file = this.#fileOrNew(path, 0o644);
    file.bytes = [];
    return this.#openFile(file);
  }

  openRead(_at: number, path: Path): number {
    return this.#openFile(this.#file(path));
  }

  openWrite(_at: number, path: Path): number {
    return this.#openFile(this.#file(path));
  }

  openReadWrite(_at: number, path: Path): number {
    this.#fail("open");
    return this.#openFile(this.#file(path));
  }

  seek(fd: number, offset: number): void {
    this.#opened(fd).offset = offset;
  }

  read(fd: number, into: Bytes): number {
    this.#fail("read");
    const opened = this.#opened(fd);
    const bytes = opened.file.bytes.slice(opened.offset, opened.offset + into.length);
    into.set(bytes);
    opened.offset += bytes.length;
    return bytes.length;
  }

  close(fd: number): void {
    this.#opened(fd);
    this.#open.delete(fd);
  }

  fchmod(fd: number, mode: number): void {
    this.#fail("fchmod");
    this.#opened(fd).file.permissions = mode;
  }

  write(fd: number, from: Bytes): number {
    this.#fail("write");
    // Half of much, as a disk that is nearly full would take.
    const taken = from.length > 1000 ? Math.ceil(from.length / 2) : from.length;
    const { file } = this.#opened(fd);
    file.bytes.push(...from.subarray(0, taken));
    file.modifiedMs = this.timeMs;
    return taken;
  }

  writeAt(fd: number, from: Bytes, offset: number): number {
    this.#fail("writeAt");
    const { file } = this.#opened(fd);
    file.bytes.splice(offset, from.length, ...from);
    file.modifiedMs = this.timeMs;
    return from.length;
  }

  truncate(fd: number, size: number): void {
    this.#opened(fd).file.bytes.length = size;
  }

  // deno-lint-ignore require-await
  async fsyncLater(fd: number): Promise<void> {
    this.#opened(fd);
    this.#fail("fsync");
  }

  readNow(_fd: number, into: Bytes): number {
    this.#fail("readNow");
    const text = this.input.slice(0, into.length);
    this.input = this.input.slice(text.length);
    into.set(encode(text));
    return text === "" ? WOULD_BLOCK : text.length;
  }

  pipe(): { readFd: number; writeFd: number } {
    if (!this.isPipe) throw new SystemError("pipe", ERRNO.EMFILE);
    this.#looked = this.#newFile(0o600);
    return { readFd: this.#openFile(this.#looked), writeFd: -1 };
  }

  tee(_fromFd: number, _toFd: number, length: number): number {
    this.#looked.bytes.push(...encode(this.input.slice(0, length)));
    return Math.min(this.input.length, length) || WOULD_BLOCK;
  }

  bootId(): Bytes {
    return new Uint8Array(16);
  }

  splice(_fromFd: number, toFd: number, length: number, offset?: number): number {
    this.#fail("splice");
    const text = this.input.slice(0, length);
    this.input = this.input.slice(text.length);
    if (offset === undefined) this.#looked.bytes.push(...encode(text));
    else this.#opened(toFd).file.bytes.splice(offset, text.length, ...encode(text));
    return text === "" ? WOULD_BLOCK : text.length;
  }

  isLocal(): boolean {
    return this.isDiskLocal;
  }

  bytesWaiting(): number {
    return 0;
  }

  stat(_at: number, path: Path): FileStatus {
    return this.#status(this.#file(path));
  }

  statLink(_at: number, path: Path): FileStatus {
    this.#fail("lstat");
    return this.#status(this.#file(path));
  }

  statFd(fd: number): FileStatus {
    this.#fail("fstat");
    return this.#status(fd === 0 ? this.#standardInput : this.#opened(fd).file);
  }

  rename(_at: number, from: Path, to: Path): void {
    this.#fail("rename");
    this.#changes++;
    const file = this.#file(from);
    this.files.delete(text(from));
    this.files.set(text(to), file);
  }

  link(_at: number, from: Path, to: Path): void {
    const file = this.#file(from);
    file.links++;
    this.#changes++;
    this.files.set(text(to), file);
  }

  unlink(_at: number, path: Path): void {
    this.#file(path).links--;
    this.#changes++;
    this.files.delete(text(path));
  }

  readDirectory(): Bytes[] {
    this.#fail("readdir");
    return [...this.files.keys()].map(encode);
  }

  fileTimes(_at: number, path: Path): FileTimes {
    const accessed = timestamp(0);
    if (path === ".") return { accessed, modified: timestamp(this.#changes) };
    const { createdMs, modifiedMs, accessedMs } = this.#file(path);
    return {
      created: timestamp(createdMs),
      modified: timestamp(modifiedMs),
      accessed: timestamp(accessedMs),
    };
  }

  touch(fd: number): void {
    this.#opened(fd).file.modifiedMs = this.timeMs;
  }

  setAccessTime(fd: number, { seconds, nanoseconds }: Timestamp): void {
    this.#opened(fd).file.accessedMs = seconds * 1000 + nanoseconds / 1e6;
  }

  #fail(call: string): void {
    this.calls[call] = (this.calls[call] ?? 0) + 1;
    const name = this.failures[call]?.shift();
    if (name !== undefined) throw new SystemError(call, ERRNO[name]);
  }

  #newFile(permissions: number, contents = ""): File {
    return {
      inode: this.#nextInode++,
      bytes: [...encode(contents)],
      permissions,
      links: 1,
      createdMs: this.timeMs,
      modifiedMs: this.timeMs,
      accessedMs: this.timeMs,
    };
  }

  #file(path: Path): File {
    const file = this.files.get(text(path));
    if (file === undefined) throw new SystemError("open", ERRNO.ENOENT);
    return file;
  }

  #fileOrNew(path: Path, permissions: number): File {
    if (!this.files.has(text(path))) this.#changes++;
    const file = this.files.get(text(path)) ?? this.#newFile(permissions);
    this.files.set(text(path), file);
    return file;
  }

  #openFile(file: File): number {
    this.#open.set(this.#nextFd, { file, offset: 0 });
    return this.#nextFd++;
  }

  #opened(fd: number): OpenFile {
    const opened = this.#open.get(fd);
    if (opened === undefined) throw new SystemError("close", ERRNO.EBADF);
    return opened;
  }

  #status({ inode, bytes, permissions, links }: File): FileStatus {
    const size = bytes.length;
    return { kind: "file", device: 1, inode, size, permissions, links, uid: 0 };
  }
}
