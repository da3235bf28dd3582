/** Which program a command line means: all are one executable. */

import { baseName, type Bytes, decode, encode } from "./bytes.ts";

/** What the executable itself is called. */
export const SUITE_NAME = "daemontools";

/** A command line, understood. */
export interface Invocation {
  /** The program; the suite's own name when no other is meant. */
  readonly name: string;
  /** What the program was called. */
  readonly invokedAs: Bytes;
  /** Its arguments. */
  readonly args: readonly Bytes[];
}

/**
 * Tells which program is meant by the base name of argv[0] or, where that is no program's name, by
 * the first argument: the executable may have been given any name.
 *
 * @param commandLine argv, which may be empty
 * @param isProgram whether a name is that of a program
 */
export function readInvocation(
  commandLine: readonly Bytes[],
  isProgram: (name: string) => boolean,
): Invocation {
  const [invokedAs = encode(SUITE_NAME), ...args] = commandLine;
  const name = decode(baseName(invokedAs));
  if (isProgram(name)) return { name, invokedAs, args };
  const [tool, ...others] = args;
  if (tool === undefined || !isProgram(decode(tool))) {
    return { name: SUITE_NAME, invokedAs, args };
  }
  return { name: decode(tool), invokedAs: tool, args: others };
}
