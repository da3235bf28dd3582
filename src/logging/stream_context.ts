/**
 * What a log stream works with. Nothing here is looked up in the process, so that one process can
 * run many streams, each with a working directory and a standard error of its own.
 */

import type { Bytes } from "../base/bytes.ts";
import type { Reporter } from "../base/messages.ts";
import type { Children } from "../reactor/children.ts";
import type { Reactor } from "../reactor/reactor.ts";
import type { Kernel } from "../system/kernel.ts";
import type { LookPipe } from "./pipe_input.ts";
import type { StreamBuffers } from "./stream_buffers.ts";

/** What log streams need of the kernel. */
export type LogKernel = Pick<
  Kernel,
  | "bootId"
  | "bytesWaiting"
  | "close"
  | "fchmod"
  | "fileTimes"
  | "fsyncLater"
  | "isLocal"
  | "link"
  | "localTime"
  | "lock"
  | "mkdir"
  | "now"
  | "openAppend"
  | "openDirectory"
  | "openRead"
  | "openReadWrite"
  | "openTruncate"
  | "openWrite"
  | "pipe"
  | "read"
  | "readNow"
  | "readDirectory"
  | "rename"
  | "seek"
  | "setAccessTime"
  | "splice"
  | "stat"
  | "statFd"
  | "statLink"
  | "tee"
  | "touch"
  | "truncate"
  | "unlink"
  | "write"
  | "writeAt"
>;

/** What all streams of a process share. */
export interface SharedContext {
  /** The operating system. The process has umask 022. */
  readonly kernel: LogKernel;
  /** The event loop. */
  readonly reactor: Pick<Reactor, "after" | "cancel" | "hurry" | "post" | "unwatch" | "watch">;
  /** Where processors are started. */
  readonly children: Pick<Children, "start">;
  /** What processors get as environment. */
  readonly environment: readonly Bytes[];
  /** Memory that streams use in turn. */
  readonly buffers: StreamBuffers;
  /** Where input is looked at. */
  readonly lookPipe: LookPipe;
}

/** What one stream works with. */
export interface StreamContext extends SharedContext {
  /** The name that the stream's messages begin with. */
  readonly program: string;
  /** Prints the stream's messages, without ever waiting. */
  readonly reporter: Reporter;
  /** The directory that the script's paths are relative to. */
  readonly workingDirectoryFd: number;
  /** Where the action `e` and the processors write their messages. */
  readonly errorFd: number;
  /** How messages name a path of the script. */
  readonly describe: (path: Bytes) => Bytes;
}
