/**
 * The status record, `supervise/status`: 18 bytes.
 *
 *  - 0 to 11: TAI64N time of the last start or end of `./run`, or of supervise's own start;
 *  - 12 to 15: process id, little-endian, 0 when down;
 *  - 16: 1 when paused, else 0;
 *  - 17: `u` want up, `d` want down, 0 neither (after `svc -o`).
 *
 * @see https://cr.yp.to/daemontools/supervise.html
 */

import type { Bytes } from "./bytes.ts";
import { packTai64n, type Timestamp, unpackTai64Seconds } from "./tai64n.ts";

/** Size of the record, in bytes. */
export const STATUS_SIZE = 18;

/** What is wanted of a service: `once` means up, but not started again. */
export type Want = "up" | "down" | "once";

/** A decoded record. */
export interface StatusRecord {
  /** Seconds of the stamp, as a TAI64 count. */
  readonly taiSeconds: bigint;
  /** Nanoseconds of the stamp. */
  readonly nanoseconds: number;
  /** Process id; 0 when down. */
  readonly pid: number;
  /** Whether it was told to pause. */
  readonly paused: boolean;
  /** What is wanted. */
  readonly want: Want;
}

const WANT_BYTES: Readonly<Record<Want, number>> = { up: 0x75, down: 0x64, once: 0 };

/** Encodes a record. */
export function encodeStatus(
  since: Timestamp,
  status: Omit<StatusRecord, "taiSeconds" | "nanoseconds">,
): Bytes {
  const bytes = new Uint8Array(STATUS_SIZE);
  packTai64n(since, bytes);
  new DataView(bytes.buffer).setUint32(12, status.pid, true);
  bytes[16] = status.paused ? 1 : 0;
  bytes[17] = WANT_BYTES[status.want];
  return bytes;
}

/** Decodes a record; an unknown want byte counts as `once`, as svstat shows neither. */
export function decodeStatus(bytes: Bytes): StatusRecord {
  const view = new DataView(bytes.buffer, bytes.byteOffset, STATUS_SIZE);
  const wantByte = view.getUint8(17);
  return {
    taiSeconds: unpackTai64Seconds(bytes),
    nanoseconds: view.getUint32(8),
    pid: view.getUint32(12, true),
    paused: view.getUint8(16) !== 0,
    want: wantByte === WANT_BYTES.up ? "up" : wantByte === WANT_BYTES.down ? "down" : "once",
  };
}
