/**
 * What the benchmarks share: a place to work in, starting processes and ending all of them, waiting,
 * and what processes cost.
 */

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/** Prints a line of the result. */
export function print(line: string): void {
  Deno.stdout.writeSync(encoder.encode(`${line}\n`));
}

/** Tells how far it got, on standard error. */
export function tell(line: string): void {
  Deno.stderr.writeSync(encoder.encode(`${line}\n`));
}

/** A word that a shell takes as it is. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** Benchmarks name files in commands and configurations of many kinds: no blanks, for instance. */
const PLAIN_PATH = /^[\w./+-]+$/;

/** One run of a benchmark: its directory, and the processes that it started. */
export class Bench implements AsyncDisposable {
  /** The directory of this run; it goes away with it. */
  readonly directory: string;
  /** What tells the processes of this run from others: an entry of their environment. */
  readonly #token = `DAEMONTOOLS_BENCH=${crypto.randomUUID()}`;
  readonly #started: Deno.ChildProcess[] = [];
  readonly #mounted: string[] = [];
  readonly #deferred: (() => Promise<void>)[] = [];
  #end: Promise<void> | undefined;
  readonly #interrupted = (): void => {
    isInterrupted = true;
    void this[Symbol.asyncDispose]().then(() => Deno.exit(130));
  };

  constructor() {
    this.directory = Deno.makeTempDirSync({ prefix: "daemontools-bench." });
    if (!PLAIN_PATH.test(this.directory)) {
      Deno.removeSync(this.directory);
      throw new Error(`$TMPDIR is to be a path without blanks and such: ${this.directory}`);
    }
    // Accounts other than root's look into it.
    Deno.chmodSync(this.directory, 0o755);
    Deno.mkdirSync(`${this.directory}/bin`);
    for (const signal of SIGNALS) Deno.addSignalListener(signal, this.#interrupted);
  }

  /** A path in the directory of this run. */
  join(path: string): string {
    return `${this.directory}/${path}`;
  }

  /**
   * Copies a program, so that the processes of services are told from those that watch them.
   *
   * @returns the copy's path
   */
  serviceProgram(name: string): string {
    const copy = this.join(`bin/${name}`);
    if (!exists(copy)) Deno.copyFileSync(which(name) ?? `/bin/${name}`, copy);
    return copy;
  }

  /** Starts a command whose output is dropped, standard error apart, which goes to a file. */
  start(argv: readonly string[], options: { path?: string; cwd?: string } = {}): number {
    const child = new Deno.Command("/bin/sh", {
      args: ["-c", 'exec "$@" 2>>"$0"', this.join("errors"), ...argv],
      env: this.#environment(options.path),
      cwd: options.cwd ?? this.directory,
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    this.#started.push(child);
    return child.pid;
  }

  /**
   * Runs a command to its end.
   *
   * @returns how long it took, in milliseconds
   * @throws {Error} when it fails
   */
  async time(
    argv: readonly string[],
    options: { path?: string; input?: string; cwd?: string } = {},
  ): Promise<number> {
    const input = options.input ?? "/dev/null";
    const begun = performance.now();
    const { code } = await new Deno.Command("/bin/sh", {
      args: ["-c", 'exec "$@" <"$0" >/dev/null 2>>errors', input, ...argv],
      env: this.#environment(options.path),
      cwd: options.cwd ?? this.directory,
    }).output();
    const taken = performance.now() - begun;
    if (code !== 0) {
      const said = this.errors().trim().split("\n").at(-1);
      throw new Error(`exit code ${code}: ${argv.join(" ").slice(0, 200)}: ${said}`);
    }
    return taken;
  }

  /**
   * Makes a directory that is a file system of its own. Only root may.
   *
   * @param size as tmpfs takes it, such as `64k`
   */
  async mount(name: string, size: string): Promise<string> {
    const path = this.join(name);
    Deno.mkdirSync(path);
    await this.time(["mount", "-t", "tmpfs", "-o", `size=${size}`, "tmpfs", path]);
    this.#mounted.push(path);
    return path;
  }

  /**
   * Makes a directory that is an ext4 in a file. Only root may.
   *
   * @param sizeMb its size, in MB
   */
  async mountImage(name: string, sizeMb: number): Promise<string> {
    const path = this.join(name);
    Deno.mkdirSync(path);
    await this.time(["truncate", "-s", `${sizeMb}M`, `${path}.image`]);
    await this.time(["mkfs.ext4", "-q", `${path}.image`]);
    await this.time(["mount", "-o", "loop", `${path}.image`, path]);
    this.#mounted.push(path);
    return path;
  }

  /**
   * Freezes a file system for a time. What thaws it is no process of this run, so that it does so
   * whatever becomes of that.
   *
   * @returns what resolves when it is thawed
   */
  async freeze(path: string, seconds: number): Promise<void> {
    const script = 'trap "" HUP INT TERM; fsfreeze -f "$0" && sleep "$1"; fsfreeze -u "$0"';
    const { code } = await new Deno.Command("setsid", {
      args: ["sh", "-c", script, path, String(seconds)],
      stdout: "null",
      stderr: "null",
    }).output();
    if (code !== 0) throw new Error(`${path} was not frozen`);
  }

  /** Has something done when the processes of this run are gone, also after an interrupt. */
  defer(step: () => Promise<void>): void {
    this.#deferred.push(step);
  }

  /** Ends services that run a copy of a program, at once. */
  async endServices(name: string): Promise<void> {
    await waitFor(`${name} to end`, () => {
      const left = this.services().filter((pid) => executableOf(pid) === this.join(`bin/${name}`));
      for (const pid of left) kill(pid, "SIGKILL");
      return left.length === 0;
    });
  }

  /** What processes wrote to standard error. */
  errors(): string {
    return exists(this.join("errors")) ? Deno.readTextFileSync(this.join("errors")) : "";
  }

  /** The processes of this run, but for ours. */
  processes(): number[] {
    return processIds().filter((pid) => readProc(pid, "environ").includes(this.#token));
  }

  /** Those of them that are no service, nor a shell that is about to be one. */
  watchers(): number[] {
    return this.processes().filter((pid) => {
      const executable = executableOf(pid);
      return executable !== "" && !executable.startsWith(`${this.directory}/bin/`) &&
        !SHELLS.test(executable);
    });
  }

  /** Those that are services. */
  services(): number[] {
    return this.processes().filter((pid) => executableOf(pid).startsWith(`${this.directory}/bin/`));
  }

  /** Ends all processes of this run at once, and waits until they are gone. */
  async endAll(): Promise<void> {
    await waitFor("the processes of a benchmark to end", () => {
      const left = this.processes();
      for (const pid of left) kill(pid, "SIGKILL");
      return left.length === 0;
    });
    await Promise.all(this.#started.splice(0).map((child) => child.status));
  }

  /** Cleans up, once, whether it is over or interrupted; another interrupt does not end that. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.#end ??= this.#cleanUp();
  }

  async #cleanUp(): Promise<void> {
    // What waits for a frozen file system cannot be ended.
    for (const path of this.#mounted) {
      await new Deno.Command("fsfreeze", { args: ["-u", path], stderr: "null" }).output();
    }
    await this.endAll();
    for (const step of this.#deferred) await step();
    for (const path of this.#mounted) {
      await new Deno.Command("umount", { args: ["--lazy", path] }).output();
    }
    Deno.removeSync(this.directory, { recursive: true });
    for (const signal of SIGNALS) Deno.removeSignalListener(signal, this.#interrupted);
  }

  #environment(path: string | undefined): Record<string, string> {
    const [name = "", value = ""] = this.#token.split("=");
    const system = "/usr/sbin:/usr/bin:/sbin:/bin";
    return { [name]: value, PATH: path === undefined ? system : `${path}:${system}` };
  }
}

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
const SHELLS = /\/(?:dash|bash|sh|busybox)$/;

/** Whether there is something of this path. */
export function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

/** Where a program of the system is; undefined when it is not installed. */
export function which(program: string): string | undefined {
  const folders = ["/usr/sbin", "/usr/bin", "/sbin", "/bin"];
  return folders.map((folder) => `${folder}/${program}`).find(exists);
}

/** Sends a signal; that the process is gone already is no failure. */
export function kill(pid: number, signal: Deno.Signal): void {
  // 0 is what a service has that does not run, and would be this process and all around it.
  if (pid <= 0) throw new Error("what is to be sent a signal does not run");
  try {
    Deno.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/**
 * Waits until something holds.
 *
 * @param what it is, for the message
 * @param everyMs how often to look
 * @returns how long it took, in milliseconds
 * @throws {Error} after `withinMs`
 */
export async function waitFor(
  what: string,
  holds: () => boolean,
  { everyMs = 10, withinMs = 120_000 } = {},
): Promise<number> {
  const begun = performance.now();
  while (!holds()) {
    if (performance.now() - begun > withinMs) throw new Error(`waited in vain for ${what}`);
    await sleep(everyMs);
  }
  return performance.now() - begun;
}

/** Lets time pass. */
export async function sleep(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

/** Whether there was an interrupt: what it leaves is cleaned up, and then this process exits. */
let isInterrupted = false;

/** Does a step of a benchmark; when it fails, says so and goes on with the others. */
export async function attempt(what: string, step: () => Promise<void>): Promise<void> {
  try {
    await step();
  } catch (error) {
    // What the cleaning up has ended has not failed.
    if (!isInterrupted) tell(`  ${what} failed: ${error instanceof Error ? error.message : error}`);
    Deno.exitCode = 1;
  }
  // Nothing is begun any more.
  if (isInterrupted) await new Promise<never>(() => {});
}

/** All processes of the machine. */
function processIds(): number[] {
  const names = [...Deno.readDirSync("/proc")].map(({ name }) => Number(name));
  return names.filter((pid) => pid > 0 && pid !== Deno.pid);
}

/** A file of a process; empty when the process is gone. */
function readProc(pid: number, file: string): string {
  try {
    return decoder.decode(Deno.readFileSync(`/proc/${pid}/${file}`));
  } catch {
    return "";
  }
}

function executableOf(pid: number): string {
  try {
    return Deno.readLinkSync(`/proc/${pid}/exe`);
  } catch {
    return "";
  }
}

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
