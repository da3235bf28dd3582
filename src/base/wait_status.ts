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
