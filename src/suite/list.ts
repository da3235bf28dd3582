/** daemontools list: the tools, one a line. */

import { EXIT_OK } from "../base/exit_codes.ts";
import { usage } from "../base/messages.ts";
import { type Context, print } from "../system/context.ts";
import type { FileKernel } from "../system/kernel.ts";
import { programList } from "./overview.ts";

/** Prints the list. */
export async function run(context: Context<FileKernel>): Promise<number> {
  if (context.args.length > 0) usage(context.usage);
  print(context, programList());
  return EXIT_OK;
}
