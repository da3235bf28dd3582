/**
 * One service with its logger, as the torture sees it: what was asked of it, what is to be so, and
 * what arrived in its log.
 */

import { quoteWord } from "../../src/base/shell_word.ts";
import { isAlive, processInfo } from "../support/processes.ts";
import { decodeServiceStatus, type ServiceStatus, writeService } from "../support/service.ts";
import { Accountant } from "./accountant.ts";
import { LogReader } from "./log_reader.ts";
import { PipeWatch } from "./pipe_watch.ts";

const HERE = decodeURIComponent(new URL(".", import.meta.url).pathname).slice(0, -1);

/** What a service or a logger is to be; `any` after commands that may not have been heard. */
export interface Expected {
  want: "up" | "down" | "once";
  paused: boolean;
  /** Whether a command may have been lost with the supervisor that it was sent to. */
  isUncertain: boolean;
  /** Whether the last command has not been seen to have its effect. */
  isPending: boolean;
}

/** Half of a victim: the service, or its logger. */
export class Part {
  readonly expected: Expected = {
    want: "up",
    paused: false,
    isUncertain: false,
    isPending: false,
  };

  /** When its process was last told to end, in milliseconds. */
  lastEndMs = -Infinity;

  /**
   * @param path the service directory
   * @param dataPath where its process keeps its lock
   */
  constructor(readonly path: string, readonly dataPath: string) {}

  /** What its status file says; undefined when there is none. */
  get status(): ServiceStatus | undefined {
    try {
      return decodeServiceStatus(Deno.readFileSync(`${this.path}/supervise/status`));
    } catch {
      return undefined;
    }
  }

  /** The process that its status names, if it runs. */
  get livePid(): number {
    const pid = this.status?.pid ?? 0;
    return pid !== 0 && isAlive(pid) ? pid : 0;
  }

  /** Whether what is so is what is expected. */
  get isAsExpected(): boolean {
    const { status, expected: { want, paused } } = this;
    if (status === undefined) return false;
    const wantByte = { up: "u", down: "d", once: "" }[want];
    if (status.want !== wantByte) return false;
    if (want === "down") return status.pid === 0;
    if (status.pid === 0) return want === "once";
    const state = processInfo(status.pid)?.state;
    if (state === undefined || state === "Z" || status.paused !== paused) return false;
    return this.#isHosted(status.pid) || (state === "T") === paused;
  }

  /** Whether its process is not its own, but that of many logs. */
  #isHosted(pid: number): boolean {
    try {
      return Deno.readLinkSync(`/proc/${pid}/cwd`) !== this.path;
    } catch {
      return false;
    }
  }

  /** How many copies found the lock taken. */
  takeDoubles(): number {
    return this.#takeNotes("doubles").length;
  }

  /** When its process found no reader of its output, in milliseconds of the wall clock. */
  takeDeadPipes(): number[] {
    return this.#takeNotes("dead-pipes").map(Number);
  }

  /** The lines of a file that processes append to; they are taken away first. */
  #takeNotes(name: string): string[] {
    const path = `${this.dataPath}/${name}`;
    try {
      Deno.renameSync(path, `${path}.taken`);
    } catch {
      return [];
    }
    return Deno.readTextFileSync(`${path}.taken`).split("\n").slice(0, -1);
  }
}

/** A service with a logger. */
export class Victim {
  readonly main: Part;
  readonly log: Part;
  readonly accountant: Accountant;
  /** What is known of the pipe between the two. */
  readonly pipe = new PipeWatch();
  /** Whether svscan has no part in it: it was started while the service was not listed. */
  isOrphan = false;
  /** Its name in the directory of svscan; undefined while it is not there. */
  link: string | undefined;
  readonly #reader: LogReader;
  #lastChecked = 1;

  /**
   * @param path its service directory
   * @param usesMultilog whether its logger is multilog, or one that a kill costs nothing
   */
  constructor(readonly path: string, readonly usesMultilog: boolean) {
    this.main = new Part(path, `${path}/data`);
    this.log = new Part(`${path}/log`, `${path}/log/data`);
    this.#reader = usesMultilog
      ? new LogReader(`${path}/log/main`, true)
      : new LogReader(`${path}/log/data/out`, false);
    this.accountant = new Accountant((run) => this.#written(run));
  }

  /** Both halves. */
  get parts(): [Part, Part] {
    return [this.main, this.log];
  }

  /** Writes its directory. */
  async write(pauseMs: number): Promise<void> {
    await writeService(this.path, {
      run: `exec perl ${quoteWord(`${HERE}/worker.pl`)} data ${pauseMs}`,
      logRun: this.usesMultilog
        ? "exec multilog s1000000 n1000 ./main"
        : `exec perl ${quoteWord(`${HERE}/logger.pl`)} data`,
      files: { "data/.keep": "", "log/data/.keep": "" },
    });
  }

  /** Takes note that svscan is about to be killed: its logger may have been told to end just now. */
  letGo(): void {
    const { log, pipe } = this;
    pipe.letGo(Date.now());
    if (log.expected.isPending || performance.now() < log.lastEndMs + RESTART_MS) pipe.lostReader();
  }

  /** Takes account of the lines that have arrived. */
  readLog(): void {
    for (const line of this.#reader.read()) this.accountant.take(line);
    // The notes of runs that are accounted for are not needed any more.
    for (; this.#lastChecked < this.accountant.run; this.#lastChecked++) {
      try {
        Deno.removeSync(`${this.path}/data/done.${this.#lastChecked}`);
      } catch {
        // That run wrote nothing.
      }
    }
  }

  /** Closes the account, when nothing runs and nothing waits any more. */
  close(): void {
    this.readLog();
    const text = this.#read("lock");
    this.accountant.close(Number(text) || 0);
  }

  #written(run: number): number {
    return Number(this.#read(`done.${run}`)) || 0;
  }

  #read(name: string): string {
    try {
      return Deno.readTextFileSync(`${this.path}/data/${name}`);
    } catch {
      return "";
    }
  }
}

/** So long after an end, in milliseconds, there may be no process that could be paused. */
const RESTART_MS = 3000;

/** A process was told to end: what is to be follows from what was wanted. */
export function died(part: Part): void {
  part.expected.paused = false;
  part.lastEndMs = performance.now();
}

/** What a letter makes of what is expected. */
export function obey(part: Part, letter: string): void {
  const { expected } = part;
  if (letter === "u") expected.want = "up";
  if (letter === "d") Object.assign(expected, { want: "down", paused: false });
  if (letter === "o") expected.want = "once";
  if (letter === "p" && expected.want !== "down") expected.paused = true;
  if (letter === "p" && performance.now() < part.lastEndMs + RESTART_MS) {
    expected.isUncertain = true;
  }
  if (letter === "c") expected.paused = false;
  if (letter === "k") died(part);
  if (/[dhit]/.test(letter)) part.lastEndMs = performance.now();
  // It is listed, so it is supervised again, and wanted up.
  if (letter === "x") Object.assign(expected, { want: "up", paused: false, isUncertain: true });
}
