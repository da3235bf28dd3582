/** svscan: start and supervise every service in a directory. @see https://cr.yp.to/daemontools/svscan.html */

import { type Bytes, concat, decode, encode, startsWith } from "../base/bytes.ts";
import { EXIT_FAILURE, EXIT_OK } from "../base/exit_codes.ts";
import { createReporter, fatal, usage } from "../base/messages.ts";
import { exitCodeFor } from "../base/wait_status.ts";
import { findHostedLog } from "../chain/hosted_log.ts";
import { GarbageSchedule } from "../reactor/garbage_schedule.ts";
import { createHost } from "../reactor/host.ts";
import { ErrorTitle } from "../supervision/error_title.ts";
import { DescriptorStore } from "../supervision/descriptor_store.ts";
import { forSupervision } from "../supervision/host.ts";
import { LogHosts } from "../supervision/log_hosts.ts";
import { MountGroups } from "../supervision/mount_groups.ts";
import { Scan } from "../supervision/scan.ts";
import { Shutdown } from "../supervision/shutdown.ts";
import { storingKernel } from "../supervision/storing_kernel.ts";
import { takeOffice, Upgrade } from "../supervision/upgrade.ts";
import type { Context } from "../system/context.ts";
import { CWD } from "../base/kernel_constants.ts";

/** When the work of starting is over, and its memory is not needed any more. */
const SETTLED_MS = 2000;

const SLASH = 0x2f;
const OPTION = encode("--timeout-kill=");

/**
 * Runs until SIGTERM or SIGINT, then ends every service in order; when told so once more, it kills
 * what still runs. Exit code 0; that of an essential service, with which everything ends.
 */
export async function run(called: Context): Promise<number> {
  const { context, calling, services, errorTitle, shelves } = takeOffice(called);
  const { program } = context;
  const { timeoutKillMs, directory } = parseArguments(context);
  try {
    // Others find the services by the working directory of svscan. A predecessor is there already.
    if (directory !== undefined && services === undefined) {
      context.kernel.changeDirectory(directory);
    }
  } catch (error) {
    fatal(program, ["unable to chdir to ", directory ?? "."], error);
  }
  context.kernel.raiseDescriptorLimit();
  const store = new DescriptorStore(context.kernel, shelves);
  const storing = { ...context, kernel: storingKernel(context.kernel, store) };
  const host = forSupervision(createHost(storing), store);
  const { kernel } = host;
  const title = errorTitle && new ErrorTitle(
    host,
    siblingOf(calling.executable, "readproctitle"),
    errorTitle === "wanted" ? undefined : errorTitle,
  );
  let shutdown: Shutdown | undefined;
  const mounts = new MountGroups(kernel, CWD);
  const mountOf = (directoryFd: number, path: Bytes) => mounts.mountOf(directoryFd, path);
  const logHosts = new LogHosts(host, (fd) => {
    mounts.refresh(true);
    return findHostedLog(kernel, fd, host.environment, mountOf);
  });
  const reporter = createReporter(program, host.report);
  let exitCode: number = EXIT_OK;
  const onEssentialEnd = (name: Bytes, waitStatus: number | undefined) =>
    // The service that tells of its end is not done with that yet.
    host.reactor.post(() => {
      if (shutdown !== undefined) return;
      reporter.warning([name, ", which is essential, has ended: everything ends"]);
      exitCode = waitStatus === undefined ? EXIT_FAILURE : exitCodeFor(waitStatus);
      shutdown = new Shutdown(host, scan);
    });
  const options = { logHosts, timeoutKillMs, onEssentialEnd };
  const scan = new Scan(host, CWD, () => shutdown?.proceed(), options);
  for (const name of ["SIGTERM", "SIGINT"] as const) {
    kernel.onSignal(name, () =>
      host.reactor.post(() => {
        if (shutdown !== undefined) shutdown.force();
        else shutdown = new Shutdown(host, scan);
      }));
  }
  kernel.onSignal("SIGHUP", () =>
    host.reactor.post(() => {
      if (shutdown === undefined) scan.scanNow();
    }));
  const upgrade = new Upgrade(
    host,
    reporter,
    calling,
    () =>
      shutdown === undefined
        ? { services: scan.handOver(), errorTitle: title?.handOver(), shelves: store.save() }
        : undefined,
  );
  kernel.onSignal("SIGUSR2", () => host.reactor.post(() => upgrade.begin()));
  await host.reactor.prepare();
  scan.restore(services ?? []);
  scan.begin();
  host.reactor.after(SETTLED_MS, () => kernel.releaseMemory());
  const garbage = new GarbageSchedule(kernel, host.reactor);
  await host.reactor.run(() => {
    garbage.noteTurn();
    return shutdown?.finished ?? false;
  });
  logHosts.release();
  await host.reactor.run(() => logHosts.isIdle);
  return exitCode;
}

/** What is installed together is found together. */
function siblingOf(executable: Bytes, name: string): Bytes {
  return concat(executable.subarray(0, executable.lastIndexOf(SLASH) + 1), name);
}

/** The C program has no options: whatever is not ours is a directory, and what follows is ignored. */
function parseArguments(
  { args, usage: usageLine }: Context,
): { timeoutKillMs?: number; directory: Bytes | undefined } {
  const [first, second] = args;
  if (first === undefined || !startsWith(first, OPTION)) return { directory: first };
  const text = decode(first.subarray(OPTION.length));
  if (!/^\d{1,9}$/.test(text)) usage(usageLine);
  // 0 means never, as in the file.
  return { timeoutKillMs: Number(text) || Infinity, directory: second };
}
