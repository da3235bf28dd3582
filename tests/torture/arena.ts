/** Where the torture takes place: a directory of services, and the svscan that is started again. */

import {
  allPids,
  descriptorsOf,
  environmentOf,
  isAlive,
  RUN_TOKEN,
  statusOf,
} from "../support/processes.ts";
import { waitFor } from "../support/wait.ts";
import { Victim } from "./victim.ts";

const SETTLE_MS = 120_000;
/** What svscan puts away lies on shelves of two descriptors each: more, and less full, after a while. */
const FOR_SHELVES = 12;

/** The services and their svscan. */
export class Arena implements AsyncDisposable {
  /** The services. */
  readonly victims: Victim[] = [];
  /** svscan, while it runs. */
  svscan: Deno.ChildProcess | undefined;
  readonly #path: string;
  readonly #tools: string;
  readonly #token = `${Deno.env.get(RUN_TOKEN) ?? "torture"}.${crypto.randomUUID()}`;

  /**
   * @param path an empty directory
   * @param tools the directory of the tools
   * @param isReference whether these are the C tools
   * @param descriptorLimit how many svscan may have open; as many as we if absent
   */
  constructor(
    path: string,
    tools: string,
    readonly isReference: boolean,
    readonly descriptorLimit?: number,
  ) {
    this.#path = path;
    this.#tools = tools;
  }

  /** Makes the services. */
  async build(count: number, pauseMs: number): Promise<void> {
    await Deno.mkdir(`${this.#path}/sd`);
    for (let number = 0; number < count; number++) {
      const victim = new Victim(`${this.#path}/s${number}`, number % 2 === 0);
      // Some fill their pipes faster than others.
      await victim.write(number % 4 < 2 ? pauseMs : Math.ceil(pauseMs / 10));
      this.victims.push(victim);
      this.link(victim, `s${number}`);
    }
  }

  /** Lists a service under a name. */
  link(victim: Victim, name: string): void {
    Deno.symlinkSync(victim.path, `${this.#path}/sd/${name}`);
    victim.link = name;
  }

  /** Lists a service under another name. */
  rename(victim: Victim, name: string): void {
    Deno.renameSync(`${this.#path}/sd/${victim.link}`, `${this.#path}/sd/${name}`);
    victim.link = name;
  }

  /** Lists a service no more. */
  unlink(victim: Victim): void {
    Deno.removeSync(`${this.#path}/sd/${victim.link}`);
    victim.link = undefined;
  }

  /** Runs a tool to its end; tells whether it said nothing. */
  async run(name: string, args: string[]): Promise<boolean> {
    const { stderr } = await this.#command(`${this.#tools}/${name}`, args, "piped").output();
    return stderr.length === 0;
  }

  /** Starts svscan, which must not run. */
  startScan(): void {
    const limit = this.descriptorLimit;
    const script = `${limit ? `ulimit -n ${limit}; ` : ""}exec svscan "$1" >>"$2" 2>&1`;
    const args = ["-c", script, "sh", `${this.#path}/sd`, `${this.#path}/svscan.log`];
    this.svscan = this.#command("/bin/sh", args, "null").spawn();
    for (const victim of this.victims) victim.isOrphan = victim.link === undefined;
  }

  /** Kills what supervises. Of the C tools these are many processes. */
  async killScan(): Promise<void> {
    const { svscan } = this;
    if (svscan === undefined) return;
    if (this.isReference) { for (const pid of this.supervisors()) kill(pid, "SIGKILL"); }
    kill(svscan.pid, "SIGKILL");
    await svscan.status;
    this.svscan = undefined;
  }

  /** Waits until every service that is listed has its supervisor. */
  async waitForSupervisors(): Promise<void> {
    await waitFor(async () => {
      const paths = this.victims.filter(({ link }) => link !== undefined)
        .flatMap(({ parts }) => parts.map(({ path }) => path));
      for (const path of paths) {
        const { code } = await this.#command(`${this.#tools}/svok`, [path], "null").output();
        if (code !== 0) return false;
      }
      return true;
    }, { what: "all supervisors", timeoutMs: SETTLE_MS, intervalMs: 50 });
    // Right after it is listed again a service still belongs to nobody.
    for (const victim of this.victims) if (victim.link !== undefined) victim.isOrphan = false;
  }

  /** Processes that the torture has started, by their environment. */
  processes(): number[] {
    return allPids().filter((pid) =>
      isAlive(pid) && environmentOf(pid).get(RUN_TOKEN) === this.#token
    );
  }

  /** The C tools' supervise processes. */
  supervisors(): number[] {
    return this.processes().filter((pid) => statusOf(pid).get("Name") === "supervise");
  }

  /** Processes that belong to no service, and are not svscan or its log hosts. */
  strays(): number[] {
    const known = this.victims.flatMap(({ parts }) => parts.map(({ livePid }) => livePid));
    const supervisors = this.isReference ? this.supervisors() : [];
    const expected = new Set([...known, ...supervisors, this.svscan?.pid]);
    return this.processes().filter((pid) => !expected.has(pid));
  }

  /** How many descriptors svscan has open, those left out that watch a process it took over. */
  descriptorCount(): number {
    const { svscan } = this;
    if (svscan === undefined) return 0;
    const targets = [...descriptorsOf(svscan.pid).values()];
    return targets.filter((target) => !target.includes("pidfd")).length;
  }

  /** So many descriptors come and go where few may be open. */
  get mostForShelves(): number {
    return this.descriptorLimit === undefined ? 0 : FOR_SHELVES;
  }

  /** The memory of svscan that is its own, in kilobytes. */
  memoryKb(): number {
    return this.svscan ? parseInt(statusOf(this.svscan.pid).get("RssAnon") ?? "0") : 0;
  }

  /** What svscan has said. */
  messages(): string {
    try {
      return Deno.readTextFileSync(`${this.#path}/svscan.log`);
    } catch {
      return "";
    }
  }

  /** Ends all that is left. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.killScan();
    await waitFor(() => {
      const left = this.processes();
      for (const pid of left) kill(pid, "SIGKILL");
      return left.length === 0;
    }, { what: "all processes to end" });
  }

  #command(path: string, args: string[], stderr: "piped" | "null"): Deno.Command {
    return new Deno.Command(path, {
      args,
      cwd: this.#path,
      env: { PATH: `${this.#tools}:/usr/bin:/bin`, [RUN_TOKEN]: this.#token },
      stdin: "null",
      stdout: "null",
      stderr,
    });
  }
}

/** Sends a signal to a process that may have ended. */
export function kill(pid: number, signal: Deno.Signal): void {
  try {
    if (pid > 0) Deno.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
