/** daemontools version */

import { EXIT_OK } from "../base/exit_codes.ts";
import { SUITE_NAME } from "../base/invocation.ts";
import { usage } from "../base/messages.ts";
import { VERSION } from "../base/version.ts";
import { type Context, print } from "../system/context.ts";
import type { FileKernel } from "../system/kernel.ts";

/**
 * Prints the version.
 *
 * @returns the exit code
 */
export function printVersion(context: Pick<Context<FileKernel>, "program" | "kernel">): number {
  print(context, `${SUITE_NAME} ${VERSION}\n`);
  return EXIT_OK;
}

/** Prints the version, unless there are arguments. */
export async function run(context: Context<FileKernel>): Promise<number> {
  if (context.args.length > 0) usage(context.usage);
  return printVersion(context);
}
