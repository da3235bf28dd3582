/** What this process was started with, as bytes. */

import { type Bytes, split } from "../../base/bytes.ts";

/**
 * The command line, argv[0] first. The runtime's own copy lacks argv[0] and is decoded.
 *
 * @see proc_pid_cmdline(5)
 */
export function ownCommandLine(): Bytes[] {
  return split(Deno.readFileSync("/proc/self/cmdline"), 0).slice(0, -1);
}

/**
 * The environment, `NAME=VALUE` each, in order, duplicates and all.
 *
 * @see proc_pid_environ(5)
 */
export function ownEnvironment(): Bytes[] {
  return split(Deno.readFileSync("/proc/self/environ"), 0).slice(0, -1);
}
