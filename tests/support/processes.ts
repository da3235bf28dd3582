/** What `/proc` tells of processes. */

/**
 * The environment variable that every process of a test run carries: the run's name, and, in what
 * a test started, a dot and a name for that.
 */
export const RUN_TOKEN = "DAEMONTOOLS_TEST_RUN";

/** What `/proc/PID/stat` tells of a process. */
export interface ProcessInfo {
  /** Its id. */
  readonly pid: number;
  /** Its name, at most 15 bytes. */
  readonly name: string;
  /** `R`, `S`, `T` (stopped), `Z` (ended, not yet waited for), … */
  readonly state: string;
  /** Its parent's id. */
  readonly parentPid: number;
  /** Its process group. */
  readonly groupId: number;
  /** Its session. */
  readonly sessionId: number;
  /** When it started, in clock ticks since boot. */
  readonly startTicks: number;
}

/**
 * Reads what the kernel tells of a process.
 *
 * @param pid its id
 * @returns nothing when there is no such process
 */
export function processInfo(pid: number): ProcessInfo | undefined {
  const stat = readProc(`${pid}/stat`);
  // The name stands in parentheses and may hold both spaces and parentheses.
  const match = stat && /^\d+ \(([^]*)\) (\S) (.*)/.exec(stat);
  if (!match) return undefined;
  const [, name = "", state = "", rest = ""] = match;
  const fields = rest.split(" ").map(Number);
  const [parentPid = 0, groupId = 0, sessionId = 0] = fields;
  return { pid, name, state, parentPid, groupId, sessionId, startTicks: fields[18] ?? 0 };
}

/** Tells whether a process runs; one that ended and was not waited for does not. */
export function isAlive(pid: number): boolean {
  const state = processInfo(pid)?.state;
  return state !== undefined && state !== "Z" && state !== "X";
}

/** The ids of all processes. */
export function allPids(): number[] {
  return [...Deno.readDirSync("/proc")].map(({ name }) => Number(name)).filter(Number.isInteger);
}

/** The ids of a process's children, in ascending order. */
export function childrenOf(pid: number): number[] {
  return allPids().filter((each) => processInfo(each)?.parentPid === pid).sort((a, b) => a - b);
}

/** The ids of a process's children, their children, and so on. */
export function descendantsOf(pid: number): number[] {
  return childrenOf(pid).flatMap((child) => [child, ...descendantsOf(child)]);
}

/**
 * A process's open descriptors.
 *
 * @param pid its id
 * @returns what each descriptor leads to, such as `/dev/null`, `pipe:[1234]` or `socket:[5678]`
 */
export function descriptorsOf(pid: number): Map<number, string> {
  const descriptors = new Map<number, string>();
  for (const { name } of Deno.readDirSync(`/proc/${pid}/fd`)) {
    try {
      descriptors.set(Number(name), Deno.readLinkSync(`/proc/${pid}/fd/${name}`));
    } catch {
      // It was closed meanwhile.
    }
  }
  return new Map([...descriptors].sort(([a], [b]) => a - b));
}

/** The fields of `/proc/PID/status`, such as `Uid`, `Groups`, `SigIgn`, as they are written there. */
export function statusOf(pid: number): Map<string, string> {
  const lines = (readProc(`${pid}/status`) ?? "").split("\n").filter((line) => line.includes(":"));
  return new Map(lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  }));
}

/** A process's arguments, argv[0] first; empty when it has ended. */
export function commandLineOf(pid: number): string[] {
  return (readProc(`${pid}/cmdline`) ?? "").split("\0").slice(0, -1);
}

/** The environment that a process was started with. */
export function environmentOf(pid: number): Map<string, string> {
  const entries = (readProc(`${pid}/environ`) ?? "").split("\0").slice(0, -1);
  return new Map(entries.map((entry) => {
    const equals = entry.indexOf("=");
    return [entry.slice(0, equals), entry.slice(equals + 1)];
  }));
}

/**
 * Tells whether a process is executing another program right now: it has neither arguments nor an
 * environment then, whatever it is going to have.
 */
export function isExecuting(pid: number): boolean {
  if (readProc(`${pid}/environ`) !== "" || readProc(`${pid}/cmdline`) !== "") return false;
  try {
    Deno.readLinkSync(`/proc/${pid}/exe`);
    return isAlive(pid);
  } catch {
    return false;
  }
}

/**
 * The processes that carry a token, whoever started them: how a test finds what it left running.
 *
 * @param token the value of `RUN_TOKEN`
 * @returns their ids
 */
export function pidsWithToken(token: string): number[] {
  return allPids().filter((pid) => environmentOf(pid).get(RUN_TOKEN) === token && isAlive(pid));
}

/** Reads a file below `/proc`; nothing when the process is gone or not ours to look at. */
function readProc(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(`/proc/${path}`);
  } catch {
    return undefined;
  }
}

/** How many directories a process watches. */
export function watchesOf(pid: number): number {
  return [...Deno.readDirSync(`/proc/${pid}/fdinfo`)].map(({ name }) =>
    Deno.readTextFileSync(`/proc/${pid}/fdinfo/${name}`).split("inotify wd:").length - 1
  ).reduce((sum, each) => sum + each, 0);
}
