/** What this process was started with, as bytes. */

import { type Bytes, split } from "../../base/bytes.ts";

/**
 * The command line, argv[0] first. The runtime's own copy lacks argv[0] and is decoded.
 *
 * @throws {Deno.errors.NotFound} when /proc is not there
 * @see proc_pid_cmdline(5)
 */
export function ownCommandLine(): Bytes[] {
  return strings("/proc/self/cmdline");
}

/**
 * The environment, `NAME=VALUE` each, in order, duplicates and all.
 *
 * @throws {Deno.errors.NotFound} when /proc is not there
 * @see proc_pid_environ(5)
 */
export function ownEnvironment(): Bytes[] {
  return strings("/proc/self/environ");
}

/** The runtime reads a file at once; calls of C functions would have to be prepared for it. */
function strings(path: string): Bytes[] {
  return split(Deno.readFileSync(path), 0).slice(0, -1);
}
