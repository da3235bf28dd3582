/** A log directory in memory and a clock that moves when the event loop waits: for logging's tests. */

import { type Bytes, decode } from "../../src/base/bytes.ts";
import { ERRNO, type ErrnoName } from "../../src/base/errno.ts";
import { SystemError } from "../../src/base/system_error.ts";
import { Reactor } from "../../src/reactor/reactor.ts";
import type { LogHost } from "../../src/logging/trouble.ts";
import type { Path } from "../../src/system/kernel.ts";

interface File {
  bytes: number[];
  permissions: number;
  links: number;
}

const text = (path: Path) => typeof path === "string" ? path : decode(path);

/** One directory, as far as logs use it. */
export class FakeLogKernel {
  /** The clock, in milliseconds. */
  timeMs = 1_000_000;
  /** What is in the directory. */
  readonly files = new Map<string, File>();
  /** What the next calls of a function fail with: one entry a call. */
  readonly failures: Partial<Record<string, ErrnoName[]>> = {};
  /** What was said. */
  readonly messages: string[] = [];
  /** The event loop. */
  readonly reactor: Reactor;
  readonly #open = new Map<number, File>();
  readonly #offsets = new Map<number, number>();
  #nextFd = 3;

  /** Makes an empty directory. */
  constructor() {
    const poller = {
      add: () => {},
      remove: () => {},
      wake: () => {},
      wait: async (timeoutMs: number) => {
        // What is due in this turn comes first.
        await new Promise((resolve) => setTimeout(resolve, 0));
        if (timeoutMs > 0) this.timeMs += timeoutMs;
        return [];
      },
    };
    this.reactor = new Reactor(poller, this.clock, (error) => {
      throw error;
    });
  }

  /** Real and monotonic time. */
  get clock() {
    return {
      now: () => ({ seconds: Math.floor(this.timeMs / 1000), nanoseconds: 500 }),
      monotonicMs: () => this.timeMs,
    };
  }

  /** The fake as what a log takes. */
  get host(): LogHost {
    const kernel = { ...this.#calls(), ...this.clock };
    const { reactor } = this;
    const report = (line: Bytes) => void this.messages.push(decode(line));
    return { kernel, reactor, report, environment: [], children: {} } as unknown as LogHost;
  }

  /** What a file holds. */
  contents(name: string): string {
    return String.fromCharCode(...this.files.get(name)?.bytes ?? []);
  }

  /** Runs the event loop until something is done. */
  async until(work: Promise<unknown>): Promise<void> {
    let isDone = false;
    const done = () => {
      isDone = true;
    };
    work.then(done, done);
    await this.reactor.run(() => isDone);
    await work;
  }

  #fail(call: string): void {
    const name = this.failures[call]?.shift();
    if (name !== undefined) throw new SystemError(call, ERRNO[name]);
  }

  #file(path: Path): File {
    const file = this.files.get(text(path));
    if (file === undefined) throw new SystemError("open", ERRNO.ENOENT);
    return file;
  }

  #openFile(path: Path, permissions: number): number {
    const file = this.files.get(text(path)) ?? { bytes: [], permissions, links: 1 };
    this.files.set(text(path), file);
    this.#open.set(this.#nextFd, file);
    return this.#nextFd++;
  }

  #calls() {
    return {
      mkdir: () => {},
      openDirectory: () => this.#nextFd++,
      lock: () => this.#fail("lock"),
      openAppend: (_at: number, path: Path) => {
        this.#fail("open");
        return this.#openFile(path, 0o600);
      },
      openTruncate: (_at: number, path: Path) => {
        const fd = this.#openFile(path, 0o644);
        this.#open.get(fd)!.bytes = [];
        return fd;
      },
      openRead: (_at: number, path: Path) => {
        this.#file(path);
        return this.#openFile(path, 0);
      },
      seek: (fd: number, offset: number) => void this.#offsets.set(fd, offset),
      read: (fd: number, into: Bytes) => {
        const offset = this.#offsets.get(fd) ?? 0;
        const bytes = this.#open.get(fd)!.bytes.slice(offset, offset + into.length);
        into.set(bytes);
        this.#offsets.set(fd, offset + bytes.length);
        return bytes.length;
      },
      close: (fd: number) => void this.#open.delete(fd),
      fchmod: (fd: number, mode: number) => {
        this.#open.get(fd)!.permissions = mode;
      },
      write: (fd: number, from: Bytes) => {
        this.#fail("write");
        this.#open.get(fd)!.bytes.push(...from);
        return from.length;
      },
      writeLater: async (fd: number, from: Bytes) => {
        this.#fail("write");
        // Half of it, as a disk that is nearly full would take.
        const taken = Math.ceil(from.length / 2);
        this.#open.get(fd)!.bytes.push(...from.subarray(0, taken));
        return taken;
      },
      fsyncLater: async () => this.#fail("fsync"),
      stat: (_at: number, path: Path) => this.#status(this.#file(path)),
      statLink: (_at: number, path: Path) => this.#status(this.#file(path)),
      statFd: (fd: number) => this.#status(this.#open.get(fd)!),
      rename: (_at: number, from: Path, to: Path) => {
        this.#fail("rename");
        const file = this.#file(from);
        this.files.delete(text(from));
        this.files.set(text(to), file);
      },
      link: (_at: number, from: Path, to: Path) => {
        const file = this.#file(from);
        file.links++;
        this.files.set(text(to), file);
      },
      unlink: (_at: number, path: Path) => {
        this.#file(path).links--;
        this.files.delete(text(path));
      },
      readDirectory: () => [...this.files.keys()].map((name) => new TextEncoder().encode(name)),
    };
  }

  #status({ bytes, permissions, links }: File) {
    return { kind: "file", size: bytes.length, permissions, links };
  }
}
