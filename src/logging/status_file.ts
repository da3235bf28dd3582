/**
 * A file that shows the last selected line: 1001 bytes, the line and newlines behind it.
 *
 * Of lines that were read together only the last one is written: nobody could have seen the others.
 *
 * @see https://cr.yp.to/daemontools/multilog.html ("=file")
 */

import { type Bytes, concat } from "../base/bytes.ts";
import { ERRNO } from "../base/errno.ts";
import { fatal } from "../base/messages.ts";
import { errnoOf, SystemError } from "../base/system_error.ts";
import { type LogHost, Persistence } from "./trouble.ts";

const WORKING_DIRECTORY = -100;
const RECORD_SIZE = 1001;
const NEWLINE = 0x0a;

/** A status file, open as long as the log is. */
export class StatusFile {
  readonly #host: LogHost;
  readonly #path: Bytes;
  readonly #persistence: Persistence;
  readonly #fd: number;
  readonly #record = new Uint8Array(RECORD_SIZE);
  #changed = false;
  #retrying: Promise<void> | undefined;

  /**
   * Makes and opens it. What is in it stays until there is a line.
   *
   * @throws {ProgramEnd} when that is not possible
   */
  constructor(host: LogHost, path: Bytes) {
    this.#host = host;
    this.#path = path;
    this.#persistence = new Persistence(host);
    try {
      host.kernel.close(host.kernel.openAppend(WORKING_DIRECTORY, path));
    } catch (error) {
      fatal("multilog", ["unable to create ", path], error);
    }
    try {
      this.#fd = host.kernel.openWrite(WORKING_DIRECTORY, path);
    } catch (error) {
      fatal("multilog", ["unable to write ", path], error);
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
      const trouble = errnoOf(error);
      this.#retrying = this.#retry(trouble).finally(() => {
        this.#retrying = undefined;
        this.commit();
      });
    }
  }

  /** Waits until the line noted last is shown. */
  async close(): Promise<void> {
    this.commit();
    while (this.#retrying !== undefined) await this.#retrying;
    this.#host.kernel.close(this.#fd);
  }

  async #retry(firstTrouble: number): Promise<void> {
    const parts = concat("unable to write ", this.#path);
    await this.#persistence.pause([parts], firstTrouble);
    await this.#persistence.until(
      ["unable to move to beginning of ", this.#path],
      () => this.#host.kernel.seek(this.#fd, 0),
    );
    await this.#persistence.until([parts], () => this.#write());
  }

  #write(): void {
    const { kernel } = this.#host;
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
