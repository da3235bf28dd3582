/** daemontools uninstall */

import type { Context } from "../system/context.ts";
import { runInstallScript } from "./install_script.ts";

/** Runs `scripts/uninstall.sh` with the arguments; the exit code is the script's. */
export async function run(context: Context): Promise<number> {
  return await runInstallScript("uninstall", context);
}
