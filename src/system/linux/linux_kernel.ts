/** The kernel interface on Linux, put together. */

import { prepareErrno } from "../../libc/errno_h.ts";
import type { Kernel } from "../kernel.ts";
import { linuxAccounts } from "./accounts.ts";
import { LinuxChangeWatcher } from "./changes.ts";
import { linuxClock, linuxLocalClock } from "./clock.ts";
import { linuxFiles } from "./files.ts";
import { linuxMessages } from "./messages.ts";
import { EpollPoller, linuxWatcher } from "./poller.ts";
import { linuxProcesses } from "./processes.ts";
import { linuxSignals } from "./signals.ts";
import { linuxSlowFiles } from "./slow_files.ts";

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
    ...linuxMessages,
    ...linuxSignals,
    newPoller: () => new EpollPoller(),
    newChangeWatcher: () => new LinuxChangeWatcher(),
  };
}
