/**
 * TAI64N, the time format of daemontools.
 *
 * A TAI64 second count is 2^62 + 10 + Unix seconds: daemontools ignores leap seconds after 1972.
 *
 * @see https://cr.yp.to/libtai/tai64.html
 */

import type { Bytes } from "./bytes.ts";

/** What is added to Unix seconds to get a TAI64 second count. */
export const TAI64_OFFSET = 4611686018427387914n;

/** Length of a label in text form: `@`, 16 and 8 hexadecimal digits. */
export const LABEL_LENGTH = 25;

/** A point of real time. */
export interface Timestamp {
  /** Whole seconds since 1970-01-01 UTC. */
  readonly seconds: number;
  /** Nanoseconds within the second, 0 to 999999999. */
  readonly nanoseconds: number;
}

/**
 * Writes the 12-byte external form: 8 bytes of seconds and 4 of nanoseconds, big-endian.
 *
 * @param at offset into `into`, in bytes
 */
export function packTai64n(time: Timestamp, into: Bytes, at = 0): void {
  const view = new DataView(into.buffer, into.byteOffset + at, 12);
  view.setBigUint64(0, TAI64_OFFSET + BigInt(time.seconds));
  view.setUint32(8, time.nanoseconds);
}

/**
 * Reads whole seconds from the external form, as a TAI64 count.
 *
 * @param at offset into `from`, in bytes
 */
export function unpackTai64Seconds(from: Bytes, at = 0): bigint {
  return new DataView(from.buffer, from.byteOffset + at, 8).getBigUint64(0);
}

/** The label of a point of time: `@` and 24 lower-case hexadecimal digits. */
export function tai64nLabel(time: Timestamp): string {
  const seconds = (TAI64_OFFSET + BigInt(time.seconds)).toString(16).padStart(16, "0");
  return `@${seconds}${time.nanoseconds.toString(16).padStart(8, "0")}`;
}

const LABEL = /^@([0-9a-f]{16})([0-9a-f]{8})$/;

/** The point of time of a label; undefined for what is none, or is before 1970. */
export function parseTai64nLabel(label: string): Timestamp | undefined {
  const [, high, low] = LABEL.exec(label) ?? [];
  if (high === undefined || low === undefined) return undefined;
  const seconds = Number(BigInt(`0x${high}`) - TAI64_OFFSET);
  const nanoseconds = parseInt(low, 16);
  return seconds >= 0 && nanoseconds < 1_000_000_000 ? { seconds, nanoseconds } : undefined;
}
