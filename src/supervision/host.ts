/** What supervision needs of the process that it runs in. */

import type { Host } from "../reactor/host.ts";
import type { Kernel } from "../system/kernel.ts";

/** The part of the kernel that supervision uses. */
export type SupervisionKernel = Pick<
  Kernel,
  | "bytesWaiting"
  | "close"
  | "drainWatch"
  | "getLimit"
  | "kill"
  | "lock"
  | "mkdir"
  | "mkfifo"
  | "now"
  | "openAppend"
  | "openDirectory"
  | "openRead"
  | "openReadWrite"
  | "openTruncate"
  | "pipe"
  | "read"
  | "readDirectory"
  | "readLink"
  | "receiveMessage"
  | "rename"
  | "sendMessage"
  | "socketPair"
  | "stat"
  | "statFd"
  | "statLink"
  | "watchDirectory"
  | "write"
>;

/** A {@linkcode Host} with as much of a kernel as supervision uses. */
export interface SupervisionHost extends Omit<Host, "kernel"> {
  /** The operating system. */
  readonly kernel: SupervisionKernel;
}
