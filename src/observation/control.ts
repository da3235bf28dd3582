/** Telling a supervisor what to do: letters into `supervise/control`. */

import { encode } from "../base/bytes.ts";
import { CWD } from "../base/kernel_constants.ts";
import type { Files } from "../system/kernel.ts";
import type { ServicePlace } from "./observe.ts";

/** What is needed of the kernel. */
export type ControlFiles = Pick<Files, "openWrite" | "write" | "close" | "setBlocking">;

/**
 * Sends letters of svc to a service's supervisor; waits where the FIFO is full.
 *
 * @throws {SystemError} ENXIO or ENOENT when nobody supervises it, EACCES when that is not allowed
 */
export function sendLetters(files: ControlFiles, place: ServicePlace, letters: string): void {
  const fd = files.openWrite(CWD, `${place.supervisePath}/control`);
  try {
    files.setBlocking(fd);
    const bytes = encode(letters);
    for (let at = 0; at < bytes.length;) at += files.write(fd, bytes.subarray(at));
  } finally {
    files.close(fd);
  }
}

/** Letters for signals, of all supervises; others are sent to the process itself. */
export const SIGNAL_LETTERS: Readonly<Record<string, string>> = {
  HUP: "h",
  INT: "i",
  ALRM: "a",
  TERM: "t",
  KILL: "k",
  STOP: "p",
  CONT: "c",
};
