/** The one place where a C function's -1 becomes an error. */

import { SystemError } from "../../base/system_error.ts";
import { lastErrno } from "../../libc/errno_h.ts";

/**
 * Passes on the result of a C call that reports failure as -1.
 *
 * @param call the C function's name, for the error
 * @param result what it returned, straight from the call
 * @throws {SystemError} when that was -1
 */
export function checkResult(call: string, result: number | bigint): number {
  if (result === -1 || result === -1n) throw new SystemError(call, lastErrno());
  return Number(result);
}
