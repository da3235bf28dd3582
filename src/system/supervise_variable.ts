/** Whether `SUPERVISEDIR` is set; few set it, and what it does is loaded for them only. */

import { type Bytes, encode, startsWith } from "../base/bytes.ts";

const VARIABLE = encode("SUPERVISEDIR=");

/** What `SUPERVISEDIR` says; undefined when it is not there, or empty. */
export function superviseDirectoryOf(environment: readonly Bytes[]): Bytes | undefined {
  const variable = environment.find((each) => startsWith(each, VARIABLE));
  const value = variable?.subarray(VARIABLE.length);
  return value?.length === 0 ? undefined : value;
}
