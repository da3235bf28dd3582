/**
 * All processes at one moment, from `/proc`: who is whose child, and what they use.
 *
 * @see proc_pid_stat(5)
 */

import { decode } from "../base/bytes.ts";
import { CWD } from "../base/kernel_constants.ts";
import type { Files } from "../system/kernel.ts";
import { type ReadingFiles, readText } from "./reading.ts";

/** Clock ticks in a second: what the kernel tells user space on every architecture of Linux. */
const TICKS_PER_SECOND = 100;
/** On x86-64. */
const PAGE_SIZE = 4096;

/** One process. */
export interface ProcessEntry {
  /** Its id. */
  readonly pid: number;
  /** Its parent's id. */
  readonly parentPid: number;
  /** Its process group. */
  readonly groupId: number;
  /** Its name, at most 15 bytes. */
  readonly name: string;
  /** `R`, `S`, `D`, `T` (stopped), `Z` (ended), … */
  readonly state: string;
  /** Seconds from boot to its start. */
  readonly startSeconds: number;
  /** Processor time that it used, in seconds. */
  readonly cpuSeconds: number;
  /** Memory of it that is resident, in bytes. */
  readonly residentBytes: number;
}

/** What a process and its descendants use together. */
export interface Usage {
  /** Processor time, in seconds. */
  readonly cpuSeconds: number;
  /** Resident memory, in bytes; what several share counts for each. */
  readonly memoryBytes: number;
  /** How many processes there are. */
  readonly processes: number;
}

/** Decodes `/proc/PID/stat`; undefined for what is no such line. */
export function parseProcessStat(text: string): ProcessEntry | undefined {
  // The name stands in parentheses and may hold both blanks and parentheses.
  const match = /^(\d+) \(([^]*)\) (\S) (.*)/.exec(text);
  if (!match) return undefined;
  const [, pid = "", name = "", state = "", rest = ""] = match;
  const fields = rest.split(" ").map(Number);
  // Numbered from the parent's id on: 4 ppid, 14 utime, 15 stime, 22 starttime, 24 rss.
  const field = (number: number): number => fields[number - 4] ?? 0;
  return {
    pid: Number(pid),
    parentPid: field(4),
    groupId: field(5),
    name,
    state,
    startSeconds: field(22) / TICKS_PER_SECOND,
    cpuSeconds: (field(14) + field(15)) / TICKS_PER_SECOND,
    residentBytes: field(24) * PAGE_SIZE,
  };
}

/** A snapshot of all processes. */
export class ProcessTable {
  /** When the machine was booted, in seconds since 1970; undefined when that is not known. */
  readonly bootSeconds: number | undefined;
  readonly #entries = new Map<number, ProcessEntry>();
  readonly #children = new Map<number, ProcessEntry[]>();

  /** Makes a snapshot out of entries; `read` takes them from the kernel. */
  constructor(entries: Iterable<ProcessEntry>, bootSeconds: number | undefined) {
    this.bootSeconds = bootSeconds;
    for (const entry of entries) {
      this.#entries.set(entry.pid, entry);
      const siblings = this.#children.get(entry.parentPid);
      if (siblings) siblings.push(entry);
      else this.#children.set(entry.parentPid, [entry]);
    }
  }

  /**
   * Takes a snapshot.
   *
   * @throws {SystemError} when `/proc` cannot be read
   */
  static read(files: ReadingFiles & Pick<Files, "readDirectory">): ProcessTable {
    const entries: ProcessEntry[] = [];
    for (const name of files.readDirectory(CWD, "/proc")) {
      const pid = decode(name);
      if (!/^\d+$/.test(pid)) continue;
      // One that ended meanwhile is not there any more.
      const entry = parseProcessStat(readText(files, `/proc/${pid}/stat`) ?? "");
      if (entry !== undefined) entries.push(entry);
    }
    const boot = /^btime (\d+)$/m.exec(readText(files, "/proc/stat") ?? "");
    return new ProcessTable(entries, boot ? Number(boot[1]) : undefined);
  }

  /** The process with that id; undefined when there is none, or it has ended. */
  get(pid: number): ProcessEntry | undefined {
    const entry = this.#entries.get(pid);
    return entry?.state === "Z" || entry?.state === "X" ? undefined : entry;
  }

  /** Whether a process has ended, and nobody has taken note of that yet. */
  hasEnded(pid: number): boolean {
    return this.#entries.get(pid)?.state === "Z";
  }

  /** All that are there. */
  all(): Iterable<ProcessEntry> {
    return this.#entries.values();
  }

  /** A process's children. */
  childrenOf(pid: number): readonly ProcessEntry[] {
    return this.#children.get(pid) ?? [];
  }

  /** A process and all that came from it; nothing when there is no such process. */
  treeOf(pid: number): ProcessEntry[] {
    const first = this.get(pid);
    const tree = first === undefined ? [] : [first];
    for (let index = 0; index < tree.length; index++) {
      tree.push(...this.childrenOf(tree[index]!.pid));
    }
    return tree;
  }

  /** What a process and all that came from it use; undefined when there is no such process. */
  usageOf(pid: number): Usage | undefined {
    const tree = pid > 0 ? this.treeOf(pid) : [];
    if (tree.length === 0) return undefined;
    return {
      cpuSeconds: tree.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
      memoryBytes: tree.reduce((sum, { residentBytes }) => sum + residentBytes, 0),
      processes: tree.length,
    };
  }
}
