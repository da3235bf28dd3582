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
  const nameStart = text.indexOf(" (");
  const nameEnd = text.lastIndexOf(") ");
  const pid = Number(text.slice(0, nameStart));
  if (nameStart < 1 || nameEnd < nameStart || !Number.isSafeInteger(pid)) return undefined;
  // The state, which the manual has as field 3, and what follows it, up to field 24.
  const fields = text.slice(nameEnd + 2).split(" ", 22);
  const [state = "", parentPid = 0, groupId = 0] = fields;
  if (state.length !== 1 || fields.length === 1) return undefined;
  return {
    pid,
    parentPid: Number(parentPid),
    groupId: Number(groupId),
    name: text.slice(nameStart + 2, nameEnd),
    state,
    startSeconds: Number(fields[19] ?? 0) / TICKS_PER_SECOND,
    cpuSeconds: (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / TICKS_PER_SECOND,
    residentBytes: Number(fields[21] ?? 0) * PAGE_SIZE,
  };
}

/** Whether a name in `/proc` that begins so is a process id: all that begin with a digit are. */
function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39;
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
      if (!isDigit(name[0])) continue;
      const pid = decode(name);
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
