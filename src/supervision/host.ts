/** What supervision needs of the process that it runs in. */

import type { Host } from "../reactor/host.ts";
import type { Kernel } from "../system/kernel.ts";
import type { DescriptorKeeper } from "./descriptor_store.ts";
import { withSpareDescriptor } from "./spare_descriptor.ts";
import { DeviceQueues, type Storage } from "./storage.ts";

/** The part of the kernel that supervision uses. */
export type SupervisionKernel =
  & DescriptorKeeper
  & Pick<
    Kernel,
    | "adoptOrphans"
    | "bootId"
    | "bootTicks"
    | "bytesWaiting"
    | "close"
    | "collectGarbage"
    | "fileTimes"
    | "findProcess"
    | "getLimit"
    | "kill"
    | "leadsTo"
    | "lock"
    | "mkdir"
    | "mkfifo"
    | "newChangeWatcher"
    | "now"
    | "openAppend"
    | "pid"
    | "succeed"
    | "openDirectory"
    | "openProcess"
    | "openRead"
    | "openNotifySocket"
    | "openReadWrite"
    | "openTruncate"
    | "openWrite"
    | "pipe"
    | "processesSince"
    | "read"
    | "readDirectory"
    | "readLink"
    | "receiveMessage"
    | "receiveNotification"
    | "rename"
    | "reopenPipe"
    | "sendMessage"
    | "sessionId"
    | "signal"
    | "socketPair"
    | "stat"
    | "statFd"
    | "statLink"
    | "unlink"
    | "write"
  >;

/** A {@linkcode Host} with as much of a kernel as supervision uses. */
export interface SupervisionHost extends Omit<Host, "kernel" | "describeBug"> {
  /** The operating system. */
  readonly kernel: SupervisionKernel;
  /** Where files of services are. */
  readonly storage: Storage;
}

/**
 * Makes the host of a program one for supervision: it knows where files of services are, and can
 * always open one of them.
 *
 * @param host whose kernel knows what is in `store`
 */
export function forSupervision(
  host: Host,
  store: DescriptorKeeper,
): Host & { readonly kernel: Kernel & DescriptorKeeper; readonly storage: Storage } {
  const kernel = {
    ...withSpareDescriptor(host.kernel),
    keep: (fd: number) => store.keep(fd),
    lend: <T>(numbers: readonly number[], use: (fds: readonly number[]) => T) =>
      store.lend(numbers, use),
  };
  return { ...host, kernel, storage: new DeviceQueues(host.kernel, host.reactor) };
}
