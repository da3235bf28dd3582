/** What the benchmarks share: a place to work in, starting processes and ending all, waiting. */

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
  readonly #thawing: Deno.ChildProcess[] = [];
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
    if (isInterrupted) throw new Error("there was an interrupt");
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
   * Runs a command to its end; after an interrupt it does not come back.
   *
   * @returns how long it took, in milliseconds
   * @throws {Error} when it fails
   */
  async time(
    argv: readonly string[],
    options: { path?: string; input?: string; cwd?: string } = {},
  ): Promise<number> {
    if (isInterrupted) return await forever();
    const input = options.input ?? "/dev/null";
    const begun = performance.now();
    const { code, signal } = await new Deno.Command("/bin/sh", {
      args: ["-c", 'exec "$@" <"$0" >/dev/null 2>>errors', input, ...argv],
      env: this.#environment(options.path),
      cwd: options.cwd ?? this.directory,
    }).output();
    const taken = performance.now() - begun;
    // A terminal interrupts all at once, and this process may hear of it last.
    if (SIGNALS.some((each) => each === signal)) this.#interrupted();
    if (isInterrupted) return await forever();
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
    this.#mounted.push(path);
    await this.time(["mount", "-t", "tmpfs", "-o", `size=${size}`, "tmpfs", path]);
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
    this.#mounted.push(path);
    await this.time(["mount", "-o", "loop", `${path}.image`, path]);
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
    const thawing = new Deno.Command("setsid", {
      args: ["sh", "-c", script, path, String(seconds)],
      stdout: "null",
      stderr: "null",
    }).spawn();
    this.#thawing.push(thawing);
    const { code } = await thawing.status;
    if (isInterrupted) return await forever();
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
    for (const { pid, status } of this.#thawing) {
      kill(pid, "SIGKILL", { group: true });
      await status;
    }
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

/** Sends a signal to a process or to its group; that it is gone already is no failure. */
export function kill(pid: number, signal: Deno.Signal, { group = false } = {}): void {
  // 0 is what a service has that does not run, and would be this process and all around it.
  if (pid <= 0) throw new Error("what is to be sent a signal does not run");
  try {
    Deno.kill(group ? -pid : pid, signal);
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
    await pause(everyMs);
  }
  return performance.now() - begun;
}

/** Lets time pass for a benchmark; after an interrupt it does not come back. */
export async function sleep(ms: number): Promise<void> {
  await pause(ms);
  if (isInterrupted) await forever();
}

/** Lets time pass, also for the cleaning up. */
async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms));
}

/** What a benchmark waits for when nothing is to be begun any more. */
async function forever(): Promise<never> {
  return await new Promise<never>(() => {});
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
  if (isInterrupted) await forever();
}

/** All processes of the machine. */
function processIds(): number[] {
  const names = [...Deno.readDirSync("/proc")].map(({ name }) => Number(name));
  return names.filter((pid) => pid > 0 && pid !== Deno.pid);
}

/** A file of a process; empty when the process is gone. */
export function readProc(pid: number, file: string): string {
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
