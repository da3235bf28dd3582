/** The last step of a program that runs another one. */

import type { Bytes } from "../base/bytes.ts";
import { fatal } from "../base/messages.ts";
import type { Context } from "../system/context.ts";
import { candidatePaths, tryEach } from "./search.ts";

/**
 * Becomes another program. It is searched in the PATH that we were given, whatever is in the
 * environment that it gets.
 *
 * @param argv its name and arguments
 * @param environment its environment; ours unless given
 * @returns the exit code, if the program is one of the suite and went on in this process
 * @throws {ProgramEnd} when it cannot be run
 */
export async function runProgram(
  context: Context,
  argv: readonly Bytes[],
  environment: readonly Bytes[] = context.environment,
): Promise<number> {
  const { program, kernel } = context;
  const name = argv[0]!;
  try {
    return tryEach(
      candidatePaths(name, context.environment),
      (path) => kernel.execute(path, argv, environment, kernel.bequest),
    );
  } catch (error) {
    fatal(program, ["unable to run ", name], error);
  }
}
