/** supervise: keep one service running. @see https://cr.yp.to/daemontools/supervise.html */

import { EXIT_OK } from "../base/exit_codes.ts";
import { usage } from "../base/messages.ts";
import { createHost } from "../reactor/host.ts";
import { Supervisor } from "../supervision/supervisor.ts";
import type { Context } from "../system/context.ts";
import { CWD } from "../base/kernel_constants.ts";

/** Runs until told to leave; SIGTERM and SIGINT end the service first. Exit code 0. */
export async function run(context: Context): Promise<number> {
  const { kernel, args: [path, ...excess] } = context;
  if (path === undefined || excess.length > 0) usage(context.usage);
  const host = createHost(context);
  let over = false;
  for (const name of ["SIGTERM", "SIGINT"] as const) {
    // Before svok succeeds: whoever waited for that may send a signal at once.
    kernel.onSignal(name, () => host.reactor.post(() => supervisor.handle("stop")));
  }
  await host.reactor.prepare();
  const supervisor = new Supervisor(host, { at: CWD, path, name: path }, () => over = true);
  await host.reactor.run(() => over);
  return EXIT_OK;
}
