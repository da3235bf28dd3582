/** The one error class for a system call that failed. */

import { errnoName, errnoText } from "./errno.ts";

/** A system call returned an error number. */
export class SystemError extends Error {
  override readonly name = "SystemError";

  /**
   * @param call the C function's name, such as `open`
   * @param errno the error number it left
   */
  constructor(readonly call: string, readonly errno: number) {
    super(`${call}: ${errnoText(errno)} (${errnoName(errno)})`);
  }
}

/** The error number of a caught value; rethrows what is not a {@linkcode SystemError}. */
export function errnoOf(caught: unknown): number {
  if (caught instanceof SystemError) return caught.errno;
  throw caught;
}
