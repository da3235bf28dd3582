/** What supervision needs of the process that it runs in. */

import type { Host } from "../reactor/host.ts";
import type { Kernel } from "../system/kernel.ts";
import type { Storage } from "./storage.ts";

/** The part of the kernel that supervision uses. */
export type SupervisionKernel = Pick<
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
export interface SupervisionHost extends Omit<Host, "kernel"> {
  /** The operating system. */
  readonly kernel: SupervisionKernel;
  /** Where files of services are. */
  readonly storage: Storage;
}
