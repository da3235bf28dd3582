/** svscan: start and supervise every service in a directory. @see https://cr.yp.to/daemontools/svscan.html */

import { EXIT_OK } from "../base/exit_codes.ts";
import { fatal } from "../base/messages.ts";
import { createHost } from "../reactor/host.ts";
import { Scan } from "../supervision/scan.ts";
import { Shutdown } from "../supervision/shutdown.ts";
import type { Context } from "../system/context.ts";
import { CWD } from "../base/kernel_constants.ts";

/** When the work of starting is over, and its memory is not needed any more. */
const SETTLED_MS = 2000;

/** Runs until SIGTERM or SIGINT, then ends every service in order; exit code 0. */
export async function run(context: Context): Promise<number> {
  const { program, kernel, args: [directory] } = context;
  try {
    // Others find the services by the working directory of svscan.
    if (directory !== undefined) kernel.changeDirectory(directory);
  } catch (error) {
    fatal(program, ["unable to chdir to ", directory ?? "."], error);
  }
  kernel.raiseDescriptorLimit();
  const host = createHost(context);
  let shutdown: Shutdown | undefined;
  const scan = new Scan(host, CWD, () => shutdown?.proceed());
  for (const name of ["SIGTERM", "SIGINT"] as const) {
    kernel.onSignal(name, () =>
      host.reactor.post(() => {
        shutdown ??= new Shutdown(host, scan);
      }));
  }
  kernel.onSignal("SIGHUP", () =>
    host.reactor.post(() => {
      if (shutdown === undefined) scan.scanNow();
    }));
  await host.reactor.prepare();
  scan.begin();
  host.reactor.after(SETTLED_MS, () => kernel.releaseMemory());
  await host.reactor.run(() => shutdown?.finished ?? false);
  return EXIT_OK;
}
