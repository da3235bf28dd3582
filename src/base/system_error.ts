/** The one error class for a system call that failed. */

import { ERRNO, errnoName, errnoText } from "./errno.ts";

/** A system call returned an error number. */
export class SystemError extends Error {
  override readonly name = "SystemError";

  /**
   * @param call the C function's name, such as `open`
   * @param errno the error number it left
   */
  constructor(readonly call: string, readonly errno: number) {
    super();
  }

  /** Made when somebody wants to read it, which is rare. */
  override get message(): string {
    return `${this.call}: ${errnoText(this.errno)} (${errnoName(this.errno)})`;
  }
}

/**
 * The error number of a caught value.
 *
 * @throws what was caught, when it is not a {@linkcode SystemError}
 */
export function errnoOf(caught: unknown): number {
  if (caught instanceof SystemError) return caught.errno;
  throw caught;
}

/**
 * Ignores a system error: for a step whose failure changes nothing.
 *
 * @throws what was caught, when it is not a {@linkcode SystemError}
 */
export function ignoreSystemError(caught: unknown): void {
  errnoOf(caught);
}

/**
 * Does a step that may meet a missing file.
 *
 * @returns what the step returns; undefined when it fails with ENOENT
 * @throws {SystemError} when the step fails otherwise
 */
export function unlessMissing<T>(step: () => T): T | undefined {
  try {
    return step();
  } catch (error) {
    if (errnoOf(error) === ERRNO.ENOENT) return undefined;
    throw error;
  }
}
