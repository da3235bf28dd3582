/** Where a supervised service is, and what it is joined to. */

import type { Bytes } from "../base/bytes.ts";
import type { HandedDirectory } from "./handover.ts";
import type { OnProcessEnd, ServiceProcess } from "./service_process.ts";

/** Where a service is and what it is connected to. */
export interface ServicePlace {
  /** The directory that `path` is relative to. */
  readonly at: number;
  /** The service directory. */
  readonly path: Bytes;
  /** How messages name it. */
  readonly name: Bytes;
  /** What becomes standard input of `./run`; ours if absent. */
  readonly stdinFd?: number | undefined;
  /** What becomes standard output of `./run`; ours if absent. */
  readonly stdoutFd?: number | undefined;
  /**
   * Does the work of `./run` without a process of its own, where that can be had; undefined where it
   * cannot.
   *
   * @param directoryFd the service directory
   * @throws {SystemError} when it cannot be started
   */
  readonly startHosted?: (directoryFd: number, onEnd: OnProcessEnd) => ServiceProcess | undefined;
  /**
   * Called for a stream of a log host that a killed svscan has left. Without, the host is ended at
   * once.
   *
   * @param directoryFd the service directory
   * @param end ends the host; to be called when somebody else holds every pipe that it reads
   */
  readonly onLeftStream?: (directoryFd: number, end: () => void) => void;
  /**
   * How long the service may take to end when it was told to, in milliseconds, before it is killed,
   * where its directory does not say. Nobody is killed without.
   */
  readonly timeoutKillMs?: number | undefined;
  /** What a predecessor in this process has left open of it. */
  readonly handed?: HandedDirectory | undefined;
  /**
   * Called when the service, which is marked as essential, has ended and stays down.
   *
   * @param waitStatus as from waitpid(2); undefined when it cannot be known
   */
  readonly onEssentialEnd?: ((waitStatus: number | undefined) => void) | undefined;
  /** Asked when supervision begins: whether what is not running is to be started. */
  readonly mayStart?: (() => boolean) | undefined;
  /** Asked when `./run` has ended: whether it is not to be started again, whatever is wanted. */
  readonly isOver?: () => boolean;
}
