/** The options of softlimit, and what their values mean. @see https://cr.yp.to/daemontools/softlimit.html */

import { type Bytes, decode } from "../base/bytes.ts";
import { RLIMIT } from "../base/kernel_constants.ts";

/** The resources that each option limits, in the order in which it does. */
export const LIMIT_OPTIONS: Readonly<Record<string, readonly number[]>> = {
  a: [RLIMIT.AS],
  c: [RLIMIT.CORE],
  d: [RLIMIT.DATA],
  f: [RLIMIT.FSIZE],
  l: [RLIMIT.MEMLOCK],
  m: [RLIMIT.DATA, RLIMIT.STACK, RLIMIT.MEMLOCK, RLIMIT.AS],
  o: [RLIMIT.NOFILE],
  p: [RLIMIT.NPROC],
  r: [RLIMIT.RSS],
  s: [RLIMIT.STACK],
  t: [RLIMIT.CPU],
};

const [ZERO, NINE, EQUALS] = [0x30, 0x39, 0x3d];

/**
 * The limit that a value asks for.
 *
 * @param value `=` for as much as is allowed, or decimal digits, modulo 2^64; none are 0
 * @param hard the hard limit, which a limit cannot exceed
 * @returns the soft limit, or null when the value is neither
 */
export function decodeLimitValue(value: Bytes, hard: bigint): bigint | null {
  if (value.length === 1 && value[0] === EQUALS) return hard;
  if (value.some((byte) => byte < ZERO || byte > NINE)) return null;
  const asked = BigInt.asUintN(64, BigInt(decode(value)));
  return asked > hard ? hard : asked;
}
