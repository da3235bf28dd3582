/** daemontools uninstall */

import type { Context } from "../system/context.ts";
import type { FileKernel } from "../system/kernel.ts";
import { runInstallScript } from "./install_script.ts";

/** Runs `scripts/uninstall.sh` with the arguments; the exit code is the script's. */
export async function run(context: Context<FileKernel>): Promise<number> {
  return await runInstallScript("uninstall", context);
}
