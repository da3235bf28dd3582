/** Whether `SUPERVISEDIR` is set; few set it, and what it does is loaded for them only. */

import { type Bytes, encode, startsWith } from "../base/bytes.ts";

const VARIABLE = encode("SUPERVISEDIR=");

/** What `SUPERVISEDIR` says; undefined when it is not there, or empty. */
export function superviseDirectoryOf(environment: readonly Bytes[]): Bytes | undefined {
  for (const variable of environment) {
    if (!startsWith(variable, VARIABLE)) continue;
    return variable.length > VARIABLE.length ? variable.subarray(VARIABLE.length) : undefined;
  }
  return undefined;
}
