/** supervise: keep one service running. @see https://cr.yp.to/daemontools/supervise.html */

import { encode } from "../base/bytes.ts";
import { EXIT_OK } from "../base/exit_codes.ts";
import { createReporter, fatal, usage } from "../base/messages.ts";
import { createHost } from "../reactor/host.ts";
import { DescriptorStore } from "../supervision/descriptor_store.ts";
import { forSupervision } from "../supervision/host.ts";
import { Supervisor } from "../supervision/supervisor.ts";
import { storingKernel } from "../supervision/storing_kernel.ts";
import { takeOffice, Upgrade } from "../supervision/upgrade.ts";
import type { Context } from "../system/context.ts";
import { CWD } from "../base/kernel_constants.ts";

/** How often to look whether the directory is still there. */
const CHECK_INTERVAL_MS = 5000;

/**
 * Runs until told to leave; SIGTERM and SIGINT end the service first, and kill it when they come
 * again. Exit code 0.
 */
export async function run(called: Context): Promise<number> {
  const { context, calling, services, shelves } = takeOffice(called);
  const { program, args: [path, ...excess] } = context;
  if (path === undefined || excess.length > 0) usage(context.usage);
  try {
    if (services === undefined) context.kernel.changeDirectory(path);
  } catch (error) {
    fatal(program, ["unable to chdir to ", path], error);
  }
  const store = new DescriptorStore(context.kernel, shelves);
  const storing = { ...context, kernel: storingKernel(context.kernel, store) };
  const host = forSupervision(createHost(storing), store);
  const { kernel } = host;
  let over = false;
  let isStopping = false;
  for (const name of ["SIGTERM", "SIGINT"] as const) {
    // Before svok succeeds: whoever waited for that may send a signal at once.
    kernel.onSignal(name, () =>
      host.reactor.post(() => {
        supervisor.handle(isStopping ? "k" : "stop");
        isStopping = true;
      }));
  }
  const reporter = createReporter(program, host.report);
  const upgrade = new Upgrade(host, reporter, calling, () => {
    const main = isStopping ? undefined : supervisor.handOver();
    return main && { services: [{ identity: "", name: path, main }], shelves: store.save() };
  });
  kernel.onSignal("SIGUSR2", () => host.reactor.post(() => upgrade.begin()));
  await host.reactor.prepare();
  const place = { at: CWD, path: encode("."), name: path, handed: services?.[0]?.main };
  const supervisor = new Supervisor(host, place, () => over = true);
  // What ended while there was nobody to be told.
  host.children.reapAll();
  const check = () => {
    supervisor.checkDirectory();
    kernel.collectGarbage();
    host.reactor.after(CHECK_INTERVAL_MS, check);
  };
  host.reactor.after(CHECK_INTERVAL_MS, check);
  await host.reactor.run(() => over);
  return EXIT_OK;
}
