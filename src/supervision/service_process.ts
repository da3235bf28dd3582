/**
 * The process that a supervisor looks after, wherever it comes from. A supervisor needs three
 * things of it: a process id to show, a way to send a signal, and word when it has ended.
 */

import { ERRNO } from "../base/errno.ts";
import { errnoOf } from "../base/system_error.ts";

/** A process that runs `./run`, or does its work. */
export interface ServiceProcess {
  /** The process id to show. */
  readonly pid: number;
  /** Whether it is our child, was left by another supervisor, or is one stream of a log host. */
  readonly kind: "started" | "adopted" | "hosted";
  /**
   * Sends a signal. Once the process has ended nobody gets it: another process may have the id.
   *
   * @param number the signal's number
   * @param toGroup whether its whole process group is to get it, if it leads one; a stream has none
   * @throws {SystemError} when the signal may not be sent
   */
  signal(number: number, toGroup?: boolean): void;
}

/**
 * Told once that the process has ended.
 *
 * @param waitStatus as from waitpid(2); undefined when it cannot be known
 */
export type OnProcessEnd = (waitStatus: number | undefined) => void;

/**
 * Sends a signal to the process group that a process leads.
 *
 * @param pid the process, which has not ended
 * @returns false when it leads none: then nobody got it
 * @throws {SystemError} when the signal may not be sent
 */
export function signalGroup(
  kernel: { kill(pid: number, signal: number): void },
  pid: number,
  signal: number,
): boolean {
  try {
    kernel.kill(-pid, signal);
    return true;
  } catch (error) {
    if (errnoOf(error) === ERRNO.ESRCH) return false;
    throw error;
  }
}
