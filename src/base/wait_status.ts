/** How a process ended, as waitpid tells it. @see wait(2) */

/** One of the two is there. */
export interface Ending {
  /** The exit code. */
  readonly code?: number;
  /** The number of the signal that ended the process. */
  readonly signal?: number;
}

/** Decodes a wait status. */
export function decodeWaitStatus(status: number): Ending {
  const signal = status & 0x7f;
  return signal === 0 ? { code: (status >> 8) & 0xff } : { signal };
}

/** The exit code of who passes an ending on, as a shell does: a signal's number is raised by 128. */
export function exitCodeFor(status: number): number {
  const { code, signal = 0 } = decodeWaitStatus(status);
  return code ?? 128 + signal;
}
