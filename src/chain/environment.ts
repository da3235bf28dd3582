/**
 * The table of environment: `NAME=VALUE` entries in order, maybe several of one name, maybe some
 * without `=`. Changes leave the order that the C programs leave.
 */

import { type Bytes, concat, startsWith } from "../base/bytes.ts";

const EQUALS = 0x3d;

/** The value of the first entry of a name, if there is one. */
export function lookUp(environment: readonly Bytes[], name: string | Bytes): Bytes | undefined {
  const prefix = concat(name, "=");
  return environment.find((entry) => startsWith(entry, prefix))?.subarray(prefix.length);
}

/**
 * Applies a change: removes the first entry of the name, whose place the last entry takes, and
 * appends the change if it is an entry itself.
 *
 * @param environment the table; it stays as it is
 * @param change `NAME=VALUE`, or a bare `NAME` to remove; the name ends at the first `=`
 * @returns the changed table
 */
export function applyChange(environment: readonly Bytes[], change: Bytes): Bytes[] {
  const equals = change.indexOf(EQUALS);
  const prefix = equals < 0 ? concat(change, "=") : change.subarray(0, equals + 1);
  const changed = [...environment];
  const index = changed.findIndex((entry) => startsWith(entry, prefix));
  if (index >= 0) {
    const last = changed.pop()!;
    if (index < changed.length) changed[index] = last;
  }
  if (equals >= 0) changed.push(change);
  return changed;
}
