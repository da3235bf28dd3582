/** What processes cost: memory and processor time. */

import { type Bench, readProc } from "./common.ts";

/** What processes take, in MB. */
export interface Memory {
  /** Proportional set size: a page that n processes share counts 1/n in each. */
  readonly pss: number;
  /** Of that, what is no copy of a file. */
  readonly anonymous: number;
  /** Page tables. */
  readonly tables: number;
}

/** Sums up what processes take. */
export function memoryOf(pids: readonly number[]): Memory {
  const sum = (file: string, field: string): number =>
    pids.map((pid) =>
      Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(readProc(pid, file))?.[1])
    )
      .reduce((total, kb) => total + (kb || 0), 0) / 1024;
  return {
    pss: sum("smaps_rollup", "Pss"),
    anonymous: sum("smaps_rollup", "Pss_Anon"),
    tables: sum("status", "VmPTE"),
  };
}

/**
 * Private memory of one process, in MB: what would be free if it were gone. Clean pages of files
 * would stay in the cache, and which of them count as private changes from run to run.
 */
export function privateMemory(pid: number): number {
  const text = readProc(pid, "smaps_rollup");
  return Number(/^Private_Dirty:\s+(\d+)/m.exec(text)?.[1]) / 1024;
}

const { clock_gettime, getrusage } = Deno.dlopen("libc.so.6", {
  clock_gettime: { parameters: ["i32", "buffer"], result: "i32" },
  getrusage: { parameters: ["i32", "buffer"], result: "i32" },
}).symbols;

const RUSAGE_CHILDREN = -1;

/**
 * Processor time that children of this process used which have ended, and theirs, in milliseconds.
 *
 * @see getrusage(2)
 */
export function endedChildrenTime(): number {
  const usage = new BigInt64Array(18);
  getrusage(RUSAGE_CHILDREN, new Uint8Array(usage.buffer));
  const [userSeconds = 0n, userMicros = 0n, systemSeconds = 0n, systemMicros = 0n] = usage;
  return Number(userSeconds + systemSeconds) * 1000 + Number(userMicros + systemMicros) / 1000;
}

/**
 * Processor time that processes have used by now, in seconds, by process: to the nanosecond, and with
 * that of threads that have ended. What is gone is left out.
 *
 * @see clock_getcpuclockid(3), for the clock of a process
 */
export function processorTimes(pids: readonly number[]): Map<number, number> {
  const time = new BigInt64Array(2);
  const times = new Map<number, number>();
  for (const pid of pids) {
    if (clock_gettime((~pid << 3) | 2, new Uint8Array(time.buffer)) !== 0) continue;
    times.set(pid, Number(time[0]) + Number(time[1]) / 1e9);
  }
  return times;
}

/** Processor seconds that the watchers of a run use while something goes on. */
export async function watchersTime(bench: Bench, going: () => Promise<void>): Promise<number> {
  const before = processorTimes(bench.watchers());
  await going();
  const after = processorTimes(bench.watchers());
  return [...after].reduce((sum, [pid, time]) => sum + time - (before.get(pid) ?? 0), 0);
}
