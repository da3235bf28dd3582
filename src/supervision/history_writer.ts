/**
 * Keeps `supervise/history`: what has happened to a service, one line for each event, the oldest
 * first. A line is a TAI64N label, a word for the event, and words of the form `key=value`; see
 * supervise(8). Readers pass over events and keys that they do not know.
 *
 * When the file has grown to 16 KiB, the older half is dropped.
 */

import { type Bytes, decode, EMPTY, encode } from "../base/bytes.ts";
import { ERRNO } from "../base/errno.ts";
import type { Reporter } from "../base/messages.ts";
import { errnoOf, ignoreSystemError, unlessMissing } from "../base/system_error.ts";
import { tai64nLabel } from "../base/tai64n.ts";
import { decodeWaitStatus } from "../base/wait_status.ts";
import type { SupervisionKernel } from "./host.ts";
import type { Happening, Observer } from "./observer.ts";
import type { ServiceDirectory } from "./service_directory.ts";

const FILE = "supervise/history";
const LARGEST_BYTES = 16384;
const NEWLINE = 0x0a;

const inSeconds = (timeMs: number): string => `seconds=${(timeMs / 1000).toFixed(3)}`;

function endWords(waitStatus: number | undefined): string[] {
  if (waitStatus === undefined) return [];
  return Object.entries(decodeWaitStatus(waitStatus)).map(([key, value]) => `${key}=${value}`);
}

/** The words of a line, behind its label. */
function wordsOf(happening: Happening): string[] {
  const { event } = happening;
  switch (event) {
    case "start": {
      const { pid, by } = happening;
      return [event, `pid=${pid}`, ...(by === undefined ? [] : [`by=${by}`])];
    }
    case "adopted":
    case "main":
    case "ready":
    case "reloading":
    case "stopping":
    case "watchdog":
    case "finish":
      return [event, `pid=${happening.pid}`];
    case "exit": {
      const { pid, waitStatus, ranMs, by } = happening;
      const asker = by === undefined ? [] : [`by=${by}`];
      return [event, `pid=${pid}`, ...endWords(waitStatus), inSeconds(ranMs), ...asker];
    }
    case "finished":
      return [event, ...endWords(happening.waitStatus)];
    case "wait":
      return [event, inSeconds(happening.pauseMs)];
    case "failed":
      return [event, `reason=${happening.reason}`];
  }
}

/** Writes the history of one service. What cannot be written is lost, which is told once. */
export class HistoryWriter implements Observer {
  readonly #directory: ServiceDirectory;
  readonly #kernel: SupervisionKernel;
  readonly #reporter: Reporter;
  #isFailing = false;

  /**
   * @param directory where the file is
   */
  constructor(directory: ServiceDirectory, kernel: SupervisionKernel, reporter: Reporter) {
    this.#directory = directory;
    this.#kernel = kernel;
    this.#reporter = reporter;
  }

  happened(happening: Happening): void {
    const label = tai64nLabel(this.#kernel.now());
    const line = encode(`${[label, ...wordsOf(happening)].join(" ")}\n`);
    try {
      if (this.#append(line) > LARGEST_BYTES) this.#dropOlderHalf();
      this.#isFailing = false;
    } catch (error) {
      // In a directory that was removed, which is told elsewhere.
      if (errnoOf(error) === ERRNO.ENOENT || this.#isFailing) return;
      this.#isFailing = true;
      this.#reporter.warning(["unable to write ", this.#directory.name, `/${FILE}`], error);
    }
  }

  /** What was written so far, and is kept; nothing where it cannot be read. */
  read(): string {
    try {
      return decode(unlessMissing(() => this.#read(this.#directory.fd)) ?? EMPTY);
    } catch (error) {
      ignoreSystemError(error);
      return "";
    }
  }

  /** Returns the file's size, in bytes. */
  #append(line: Bytes): number {
    const kernel = this.#kernel;
    const at = this.#directory.fd;
    const before = unlessMissing(() => kernel.stat(at, FILE))?.size;
    // A file that is made for appending would be for our user alone.
    const fd = before === undefined ? kernel.openTruncate(at, FILE) : kernel.openAppend(at, FILE);
    try {
      kernel.write(fd, line);
    } finally {
      kernel.close(fd);
    }
    return (before ?? 0) + line.length;
  }

  #dropOlderHalf(): void {
    const at = this.#directory.fd;
    const text = this.#read(at);
    const half = text.subarray(text.length - LARGEST_BYTES / 2);
    const newFile = `${FILE}.new`;
    const fd = this.#kernel.openTruncate(at, newFile);
    try {
      this.#kernel.write(fd, half.slice(half.indexOf(NEWLINE) + 1));
    } finally {
      this.#kernel.close(fd);
    }
    this.#kernel.rename(at, newFile, FILE);
  }

  #read(at: number): Bytes {
    const fd = this.#kernel.openRead(at, FILE);
    try {
      const buffer = new Uint8Array(2 * LARGEST_BYTES);
      return buffer.subarray(0, Math.max(0, this.#kernel.read(fd, buffer)));
    } finally {
      this.#kernel.close(fd);
    }
  }
}
