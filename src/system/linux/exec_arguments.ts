/** What this process was started with, as bytes. */

import { type Bytes, concat, split } from "../../base/bytes.ts";
import { CWD, WOULD_BLOCK } from "../../base/kernel_constants.ts";
import type { Files } from "../kernel.ts";

const CHUNK_SIZE = 8192;

/**
 * The command line, argv[0] first. The runtime's own copy lacks argv[0] and is decoded.
 *
 * @throws {SystemError} when /proc is not there
 * @see proc_pid_cmdline(5)
 */
export function ownCommandLine(files: Files): Bytes[] {
  return split(readAll(files, "/proc/self/cmdline"), 0).slice(0, -1);
}

/**
 * The environment, `NAME=VALUE` each, in order, duplicates and all.
 *
 * @throws {SystemError} when /proc is not there
 * @see proc_pid_environ(5)
 */
export function ownEnvironment(files: Files): Bytes[] {
  return split(readAll(files, "/proc/self/environ"), 0).slice(0, -1);
}

/** Reads a file of /proc: of those that describe this process, reading always gives something. */
function readAll(files: Files, path: string): Bytes {
  const fd = files.openRead(CWD, path);
  try {
    const parts: Bytes[] = [];
    for (;;) {
      const buffer = new Uint8Array(CHUNK_SIZE);
      const count = files.read(fd, buffer);
      if (count === 0 || count === WOULD_BLOCK) return concat(...parts);
      parts.push(buffer.subarray(0, count));
    }
  } finally {
    files.close(fd);
  }
}
