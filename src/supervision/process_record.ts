/**
 * The process record, `supervise/process`: what the next supervisor must know to go on with the
 * process that one which is gone has left. 68 bytes, little-endian but for the time stamp:
 *
 *  - 0 to 3: `dtpr`; 4 to 7: version of this layout;
 *  - 8 to 23: boot id, for a process id says nothing after a reboot;
 *  - 24 to 27: process id, 0 when there is none;
 *  - 28: phase, 0 to 3; 29: 1 when paused; 30: what is wanted, as in the status record; 31: 1 when
 *    supervision is to end with the process;
 *  - 32 to 39: when the process started, in clock ticks since boot. While it is about to start:
 *    when that was noted. Without a process: when the last one started;
 *  - 40 to 51: TAI64N time that the status record shows;
 *  - 52 to 59: inode number of the pipe between the service and its log, 0 without one;
 *  - 60 to 63: session of the supervisor, in which the process starts;
 *  - 64 to 67: checksum of all before.
 *
 * It is written in place, and never forced onto the disk: after a power failure its boot id makes
 * it void.
 */

import { type Bytes, equalBytes } from "../base/bytes.ts";
import type { Want } from "../base/status_record.ts";
import { packTai64n, TAI64_OFFSET, type Timestamp } from "../base/tai64n.ts";

/** Size of the record, in bytes. */
export const PROCESS_RECORD_SIZE = 68;
/** Size of a boot id, in bytes. */
export const BOOT_ID_SIZE = 16;

/**
 * Whether a process runs, or one was just about to be started, which may have happened or not.
 * What is `hosted` is one stream of the process, a log host. What is `finishing` is `./finish`.
 */
export type Phase = "none" | "starting" | "running" | "hosted" | "finishing";

/** A decoded record. */
export interface ProcessRecord {
  /** Which life of the system it is about. */
  readonly bootId: Bytes;
  /** Whether there is a process. */
  readonly phase: Phase;
  /** Its id, or that of its host; 0 unless it runs. */
  readonly pid: number;
  /** When it started, in clock ticks since boot; see the head of this file. */
  readonly startTicks: number;
  /** Whether it was told to pause. */
  readonly paused: boolean;
  /** What is wanted. */
  readonly want: Want;
  /** Whether supervision is to end with the process. */
  readonly leaving: boolean;
  /** When the service was last started or ended. */
  readonly since: Timestamp;
  /** Inode number of the pipe between the service and its log; 0 without one. */
  readonly pipeInode: bigint;
  /** Session of the supervisor. */
  readonly sessionId: number;
}

const MAGIC = 0x72707464;
const VERSION = 1;
const PHASES: readonly Phase[] = ["none", "starting", "running", "hosted", "finishing"];
const WANTS: Readonly<Record<Want, number>> = { up: 0x75, down: 0x64, once: 0 };
const CHECKSUM_AT = 64;

/** FNV-1a, 32 bits: enough to tell a record from what a crash or another hand left. */
function checksum(bytes: Bytes): number {
  let hash = 0x811c9dc5;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** Encodes a record. */
export function encodeProcessRecord(record: ProcessRecord): Bytes {
  const bytes = new Uint8Array(PROCESS_RECORD_SIZE);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, MAGIC, true);
  view.setUint32(4, VERSION, true);
  bytes.set(record.bootId, 8);
  view.setUint32(24, record.pid, true);
  bytes[28] = PHASES.indexOf(record.phase);
  bytes[29] = record.paused ? 1 : 0;
  bytes[30] = WANTS[record.want];
  bytes[31] = record.leaving ? 1 : 0;
  view.setBigUint64(32, BigInt(record.startTicks), true);
  packTai64n(record.since, bytes, 40);
  view.setBigUint64(52, record.pipeInode, true);
  view.setUint32(60, record.sessionId, true);
  view.setUint32(CHECKSUM_AT, checksum(bytes.subarray(0, CHECKSUM_AT)), true);
  return bytes;
}

/** Whether bytes are a record of this layout, of whatever life of the system. */
export function isProcessRecord(bytes: Bytes): boolean {
  if (bytes.length !== PROCESS_RECORD_SIZE) return false;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return view.getUint32(0, true) === MAGIC && view.getUint32(4, true) === VERSION &&
    view.getUint32(CHECKSUM_AT, true) === checksum(bytes.subarray(0, CHECKSUM_AT));
}

/**
 * Decodes a record of this life of the system.
 *
 * @param bytes what was read
 * @param bootId the boot id of now
 * @returns undefined when nothing is known: garbage, another version, another boot
 */
export function decodeProcessRecord(bytes: Bytes, bootId: Bytes): ProcessRecord | undefined {
  if (!isProcessRecord(bytes)) return undefined;
  if (!equalBytes(bytes.subarray(8, 8 + BOOT_ID_SIZE), bootId)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const phase = PHASES[bytes[28]!];
  const want = (Object.keys(WANTS) as Want[]).find((each) => WANTS[each] === bytes[30]);
  const pid = view.getUint32(24, true);
  const isRunning = phase !== "none" && phase !== "starting";
  if (phase === undefined || want === undefined || isRunning !== (pid > 1)) {
    return undefined;
  }
  return {
    bootId,
    phase,
    pid,
    startTicks: Number(view.getBigUint64(32, true)),
    paused: bytes[29] === 1,
    want,
    leaving: bytes[31] === 1,
    since: {
      seconds: Number(view.getBigUint64(40) - TAI64_OFFSET),
      nanoseconds: view.getUint32(48),
    },
    pipeInode: view.getBigUint64(52, true),
    sessionId: view.getUint32(60, true),
  };
}
