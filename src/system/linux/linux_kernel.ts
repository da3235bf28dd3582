/** The kernel interface on Linux, put together. */

import type { Kernel } from "../kernel.ts";
import { LinuxChangeWatcher } from "./changes.ts";
import { linuxFileSystems } from "./file_systems.ts";
import { linuxLocalClock } from "./local_clock.ts";
import { linuxMessages } from "./messages.ts";
import { linuxOtherProcesses } from "./other_processes.ts";
import { linuxNotifySockets } from "./notify_sockets.ts";
import { EpollPoller } from "./poller.ts";
import { linuxProcessKernel } from "./process_kernel.ts";
import type { DescriptorLimits } from "./processes.ts";
import { linuxShelves } from "./shelves.ts";
import { linuxSignals } from "./signals.ts";
import { linuxSlowFiles } from "./slow_files.ts";
import { linuxSuccession } from "./succession.ts";

/** The real kernel. */
export function linuxKernel(): Kernel {
  const limits: DescriptorLimits = {};
  return {
    ...linuxProcessKernel(limits),
    ...linuxSlowFiles,
    ...linuxOtherProcesses(),
    ...linuxSuccession(limits),
    ...linuxLocalClock(),
    ...linuxMessages,
    ...linuxFileSystems,
    ...linuxNotifySockets,
    ...linuxShelves,
    ...linuxSignals,
    newPoller: () => new EpollPoller(),
    newChangeWatcher: () => new LinuxChangeWatcher(),
  };
}
