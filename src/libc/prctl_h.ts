/** `<sys/prctl.h>`: how this process shows itself to others. */

import type { Bytes } from "../base/bytes.ts";
import { bind } from "./loader.ts";

/** `prctl`, by the types of its arguments. */
export const prctlH = bind({
  prctl: { parameters: ["i32", "u64", "u64", "u64", "u64"], result: "i32" }, // int prctl(int operation, unsigned long a, unsigned long b, unsigned long c, unsigned long d)
  prctlText: { name: "prctl", parameters: ["i32", "buffer", "u64", "u64", "u64"], result: "i32" }, // int prctl(int operation, const char *text, unsigned long b, unsigned long c, unsigned long d)
  prctlMap: { name: "prctl", parameters: ["i32", "u64", "buffer", "u64", "u64"], result: "i32" }, // int prctl(int operation, unsigned long what, const struct prctl_mm_map *map, unsigned long size, unsigned long zero)
});

/** prctl operations. */
export const PR = {
  SET_DUMPABLE: 4,
  SET_NAME: 15,
  GET_SECUREBITS: 27,
  SET_MM: 35,
  SET_CHILD_SUBREAPER: 36,
} as const;
/** `PR_SET_MM`: all of the memory map's marks at once; needs no privilege. */
export const PR_SET_MM_MAP = 14n;

/** Size of `struct prctl_mm_map`, in bytes. */
export const MEMORY_MAP_SIZE = 104;

/** Marks in a process's memory map, as addresses; the names are those of proc_pid_stat(5). */
export interface MemoryMap {
  /** Program text. */
  readonly code: readonly [start: bigint, end: bigint];
  /** Initialised data. */
  readonly data: readonly [start: bigint, end: bigint];
  /** Heap. */
  readonly heap: readonly [start: bigint, end: bigint];
  /** Bottom of the stack. */
  readonly stackStart: bigint;
  /** What `/proc/PID/cmdline` shows. */
  readonly arguments: readonly [start: bigint, end: bigint];
  /** What `/proc/PID/environ` shows. */
  readonly environment: readonly [start: bigint, end: bigint];
}

/** Encodes a `struct prctl_mm_map` that leaves auxiliary vector and executable. @see linux/prctl.h */
export function encodeMemoryMap(map: MemoryMap): Bytes {
  const buffer = new Uint8Array(MEMORY_MAP_SIZE);
  const view = new DataView(buffer.buffer);
  const marks = [map.code, map.data, map.heap, map.stackStart, map.arguments, map.environment];
  marks.flat().forEach((address, index) => view.setBigUint64(8 * index, address, true));
  view.setInt32(MEMORY_MAP_SIZE - 4, -1, true);
  return buffer;
}

/** Sets the marks of this process's memory map; false when the kernel refuses. */
export function setMemoryMap(map: MemoryMap): boolean {
  const encoded = encodeMemoryMap(map);
  const size = BigInt(encoded.length);
  return prctlH.prctlMap(PR.SET_MM, PR_SET_MM_MAP, encoded, size, 0n) === 0;
}
