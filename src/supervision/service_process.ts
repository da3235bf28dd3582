/**
 * The process that a supervisor looks after, wherever it comes from. A supervisor needs three
 * things of it: a process id to show, a way to send a signal, and word when it has ended.
 */

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
   * @throws {SystemError} when the signal may not be sent
   */
  signal(number: number): void;
}

/**
 * Told once that the process has ended.
 *
 * @param waitStatus as from waitpid(2); undefined when it cannot be known
 */
export type OnProcessEnd = (waitStatus: number | undefined) => void;
