/** The kernel interface on Linux, put together. */

import { prepareErrno } from "../libc/errno_h.ts";
import type { Kernel } from "./kernel.ts";
import { linuxAccounts } from "./linux_accounts.ts";
import { LinuxChangeWatcher } from "./linux_changes.ts";
import { linuxClock, linuxLocalClock } from "./linux_clock.ts";
import { linuxFiles } from "./linux_files.ts";
import { EpollPoller, linuxWatcher } from "./linux_poller.ts";
import { linuxProcesses } from "./linux_processes.ts";
import { linuxSlowFiles } from "./linux_slow_files.ts";

/** The real kernel. */
export function linuxKernel(): Kernel {
  prepareErrno();
  return {
    ...linuxFiles,
    ...linuxSlowFiles,
    ...linuxProcesses(),
    ...linuxAccounts,
    ...linuxClock,
    ...linuxLocalClock(),
    ...linuxWatcher,
    onSignal: (name, handler) => Deno.addSignalListener(name, handler),
    newPoller: () => new EpollPoller(),
    newChangeWatcher: () => new LinuxChangeWatcher(),
  };
}
