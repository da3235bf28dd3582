/**
 * A file that shows the last selected line: 1001 bytes, the line and newlines behind it.
 *
 * Of lines that were read together only the last one is written: nobody could have seen the others.
 *
 * @see https://cr.yp.to/daemontools/multilog.html ("=file")
 */

import type { Bytes } from "../base/bytes.ts";
import { ERRNO } from "../base/errno.ts";
import { fatal } from "../base/messages.ts";
import { SystemError } from "../base/system_error.ts";
import { Retrier, unlessGivenUp } from "./retrier.ts";
import type { StreamContext } from "./stream_context.ts";

const RECORD_SIZE = 1001;
const NEWLINE = 0x0a;

/** A status file, open as long as the log is. */
export class StatusFile {
  readonly #context: StreamContext;
  /** Its name in messages. */
  readonly #name: Bytes;
  readonly #retrier: Retrier;
  readonly #fd: number;
  readonly #record = new Uint8Array(RECORD_SIZE);
  #changed = false;
  #retrying: Promise<void> | undefined;

  /**
   * Makes and opens it. What is in it stays until there is a line.
   *
   * @param path relative to the stream's working directory
   * @throws {ProgramEnd} when that is not possible
   */
  constructor(context: StreamContext, path: Bytes) {
    const { kernel, program, workingDirectoryFd } = context;
    this.#context = context;
    this.#name = context.describe(path);
    this.#retrier = new Retrier(context);
    try {
      kernel.close(kernel.openAppend(workingDirectoryFd, path));
    } catch (error) {
      fatal(program, ["unable to create ", this.#name], error);
    }
    try {
      this.#fd = kernel.openWrite(workingDirectoryFd, path);
    } catch (error) {
      fatal(program, ["unable to write ", this.#name], error);
    }
  }

  /** Notes a line, given by its first up to 1000 bytes. */
  set(line: Bytes, start: number, end: number): void {
    this.#record.fill(NEWLINE);
    this.#record.set(line.subarray(start, end));
    this.#changed = true;
  }

  /** Shows the line noted last. */
  commit(): void {
    if (!this.#changed || this.#retrying !== undefined) return;
    try {
      this.#write();
    } catch (error) {
      this.#retrying = unlessGivenUp(this.#retry(error)).finally(() => {
        this.#retrying = undefined;
        this.commit();
      });
    }
  }

  /** Waits until the line noted last is shown, and closes the file. */
  async close(): Promise<void> {
    this.commit();
    while (this.#retrying !== undefined) await this.#retrying;
    this.#context.kernel.close(this.#fd);
  }

  /** Closes the file at once. */
  abandon(): void {
    this.#changed = false;
    this.#retrier.abandon();
    this.#context.kernel.close(this.#fd);
  }

  async #retry(firstFailure: unknown): Promise<void> {
    const text = ["unable to write ", this.#name];
    await this.#retrier.pause(text, firstFailure);
    await this.#retrier.retry(
      ["unable to move to beginning of ", this.#name],
      () => this.#context.kernel.seek(this.#fd, 0),
    );
    await this.#retrier.retry(text, () => this.#write());
  }

  #write(): void {
    const { kernel } = this.#context;
    // Only lines noted from here on are news.
    this.#changed = false;
    try {
      kernel.seek(this.#fd, 0);
      const count = kernel.write(this.#fd, this.#record);
      if (count !== RECORD_SIZE) throw new SystemError("write", ERRNO.ENOSPC);
    } catch (error) {
      this.#changed = true;
      throw error;
    }
  }
}
