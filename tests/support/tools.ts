/**
 * Running the tools: ours from `build/command`, or, to see that a test expects what daemontools
 * does, those of `$DAEMONTOOLS_TEST_TOOLS`.
 */

import { existsSync } from "@std/fs/exists";
import { allPids, isAlive, isExecuting, pidsWithToken, RUN_TOKEN } from "./processes.ts";
import { PATIENCE_MS, waitFor } from "./wait.ts";

const REFERENCE = Deno.env.get("DAEMONTOOLS_TEST_TOOLS");

/** The repository's root. */
export const ROOT = decodeURIComponent(new URL("../..", import.meta.url).pathname).slice(0, -1);

/** The directory of the tools under test. */
export const TOOLS_DIR = REFERENCE || `${ROOT}/build/command`;

/** Whether the tools under test are the reference, not ours. */
export const isReference = Boolean(REFERENCE);

/** Whether there is Perl, in which some tests write their services. */
export const hasPerl: boolean = existsSync("/usr/bin/perl");

/** Whether other accounts can run the tools under test; in a checkout below /root they cannot. */
export const othersReachTools: boolean = TOOLS_DIR.split("/").every((_, index, parts) =>
  (Deno.statSync(parts.slice(0, index + 1).join("/") || "/").mode! & 0o001) !== 0
);

/** The path of a tool under test. */
export function tool(name: string): string {
  return `${TOOLS_DIR}/${name}`;
}

/** How a program is to be run. */
export interface RunOptions {
  /** Its working directory; the temporary directory of the test, nearly always. */
  cwd?: string;
  /** Variables to add to the environment. */
  env?: Record<string, string>;
  /** Give it the variables of `env` and no other. (`start()` adds `RUN_TOKEN` all the same.) */
  clearEnv?: boolean;
  /** What it reads; nothing unless given. */
  stdin?: string | Uint8Array;
  /** When to give up, in milliseconds. */
  timeoutMs?: number;
}

/** How a program ended, and what it wrote. */
export interface RunResult {
  /** Its exit code; 128 + the signal's number when a signal ended it. */
  readonly code: number;
  /** The signal that ended it. */
  readonly signal: Deno.Signal | null;
  /** Its standard output, as text. */
  readonly stdout: string;
  /** Its standard error, as text. */
  readonly stderr: string;
  /** Its standard output, as it is. */
  readonly stdoutBytes: Uint8Array;
  /** Its standard error, as it is. */
  readonly stderrBytes: Uint8Array;
}

/** How long what a program wrote before it ended may take to be read, in milliseconds. */
const REST_MS = 100;

/** Where a command is found: a name without a slash is a tool under test. */
function pathOf(command: string): string {
  return command.includes("/") ? command : tool(command);
}

/**
 * A value of `RUN_TOKEN` that no other process has. Test files run in one process, side by side,
 * so neither its id nor a counter would tell them apart.
 */
function newToken(): string {
  return `${Deno.env.get(RUN_TOKEN) ?? "alone"}.${crypto.randomUUID()}`;
}

function commandFor(
  command: string,
  args: readonly string[],
  options: RunOptions,
  token: string | undefined,
): Deno.Command {
  // The tools come first on PATH, as after an installation: chains find one another.
  const path = `${TOOLS_DIR}:${Deno.env.get("PATH") ?? "/usr/bin:/bin"}`;
  return new Deno.Command(pathOf(command), {
    args: [...args],
    ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    clearEnv: options.clearEnv ?? false,
    env: {
      ...(options.clearEnv ? {} : { PATH: path }),
      ...(token === undefined ? {} : { [RUN_TOKEN]: token }),
      ...options.env,
    },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  });
}

/**
 * Runs a program to its end.
 *
 * @param command a tool's name, or the path of any program
 * @param args its arguments
 * @param options its directory, environment and input
 * @returns how it ended and what it wrote
 * @throws {Error} when it, or what it started and left with its output, does not end in time
 */
export async function run(
  command: string,
  args: readonly string[] = [],
  options: RunOptions = {},
): Promise<RunResult> {
  const token = options.clearEnv ? undefined : newToken();
  const { timeoutMs = 2 * PATIENCE_MS } = options;
  const child = commandFor(command, args, options, token).spawn();
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    [child.pid, ...(token === undefined ? [] : pidsWithToken(token))].forEach(tryKill);
  }, timeoutMs);
  const [output] = await Promise.all([child.output(), feed(child.stdin, options.stdin)]);
  clearTimeout(timer);
  if (timedOut) {
    const said = new TextDecoder().decode(output.stderr);
    throw new Error(`${command} ${args.join(" ")} took over ${timeoutMs / 1000} s\n${said}`);
  }
  return {
    code: output.code,
    signal: output.signal,
    stdout: new TextDecoder().decode(output.stdout),
    stderr: new TextDecoder().decode(output.stderr),
    stdoutBytes: output.stdout,
    stderrBytes: output.stderr,
  };
}

async function feed(
  stdin: WritableStream<Uint8Array>,
  input: string | Uint8Array = "",
): Promise<void> {
  const bytes = typeof input === "string" ? new TextEncoder().encode(input) : input;
  try {
    const writer = stdin.getWriter();
    if (bytes.length > 0) await writer.write(bytes);
    await writer.close();
  } catch {
    // It ended, or closed its input, without reading all: that is its affair.
  }
}

/** A program that runs in the background of a test. */
export class Started implements AsyncDisposable {
  /** Its process id. */
  readonly pid: number;
  /** How it ended; by then there is, in `stdout` and `stderr`, all that it wrote. */
  readonly status: Promise<Deno.CommandStatus>;
  readonly #token: string;
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #output = { stdout: "", stderr: "" };
  readonly #reading: Promise<unknown>;
  #ended = false;

  /** Use `start()`. */
  constructor(child: Deno.ChildProcess, token: string) {
    this.#child = child;
    this.#token = token;
    this.pid = child.pid;
    this.#writer = child.stdin.getWriter();
    this.#reading = Promise.all([
      this.#collect("stdout", child.stdout),
      this.#collect("stderr", child.stderr),
    ]);
    this.status = child.status.then(async (status) => {
      this.#ended = true;
      await this.#readRest();
      return status;
    });
  }

  /** What it has written to standard output up to now. */
  get stdout(): string {
    return this.#output.stdout;
  }

  /** What it has written to standard error up to now. */
  get stderr(): string {
    return this.#output.stderr;
  }

  /** Whether it has ended. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Writes to its standard input. */
  async write(input: string | Uint8Array): Promise<void> {
    await this.#writer.write(typeof input === "string" ? new TextEncoder().encode(input) : input);
  }

  /** Ends its standard input. */
  async closeStdin(): Promise<void> {
    await this.#writer.close();
  }

  /** Sends it a signal. */
  kill(signal: Deno.Signal = "SIGTERM"): void {
    this.#child.kill(signal);
  }

  /** Waits until it has written a text to standard output or standard error. */
  async waitForOutput(text: string, timeoutMs = PATIENCE_MS): Promise<void> {
    await waitFor(() => this.stdout.includes(text) || this.stderr.includes(text), {
      what: `output "${text}" of process ${this.pid}`,
      timeoutMs,
      explain: () => `stdout: ${this.stdout}\nstderr: ${this.stderr}`,
    });
  }

  /** Ends it and every process that came from it. */
  async [Symbol.asyncDispose](): Promise<void> {
    // The supervisor first: it would start its services again.
    if (!this.#ended) tryKill(this.pid);
    await this.#child.status;
    // Twice none: a process that is executing a program shows no token.
    let looksWithoutAny = 0;
    await waitFor(() => {
      const executing = allPids().some(isExecuting);
      const left = pidsWithToken(this.#token);
      left.forEach(tryKill);
      const isNone = left.length === 0 && !executing && !isAlive(this.pid);
      looksWithoutAny = isNone ? looksWithoutAny + 1 : 0;
      return looksWithoutAny > 1;
    }, { what: `the processes started by ${this.pid} to end` });
    await this.#writer.close().catch(() => {});
    await this.#reading;
    await this.status;
  }

  /** Reads to the end; where others have the output open as well, what there is already. */
  async #readRest(): Promise<void> {
    let timer = 0;
    const isRead = new Promise((resolve) => timer = setTimeout(resolve, REST_MS));
    await Promise.race([this.#reading, isRead]);
    clearTimeout(timer);
  }

  async #collect(name: "stdout" | "stderr", stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of stream) {
      this.#output[name] += decoder.decode(chunk, { stream: true });
    }
  }
}

function tryKill(pid: number): void {
  try {
    Deno.kill(pid, "SIGKILL");
  } catch {
    // It has ended.
  }
}

/**
 * Starts a program in the background: `await using svscan = start("svscan", [dir.path])`.
 *
 * @param command a tool's name, or the path of any program
 * @param args its arguments
 * @param options its directory and environment; `stdin` is written with `write()`
 * @returns the running program; it and all that came from it end when it is disposed of
 */
export function start(
  command: string,
  args: readonly string[] = [],
  options: Omit<RunOptions, "stdin" | "timeoutMs"> = {},
): Started {
  const token = newToken();
  return new Started(commandFor(command, args, options, token).spawn(), token);
}

/**
 * Starts a shell text with no descriptors but 0, 1 and 2: what a test's own process has open, or
 * was given by whoever started the tests, must not get in the way.
 *
 * @param script the text, for bash; its `$1` is `argument`
 */
export function startWithClean(script: string, argument: string): Started {
  const clean =
    'for fd in /proc/$$/fd/*; do n=${fd##*/}; [ "$n" -le 2 ] || eval "exec $n>&-"; done';
  return start("/bin/bash", ["-c", `${clean}; ${script}`, "bash", argument]);
}
