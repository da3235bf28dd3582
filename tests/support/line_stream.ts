/** Numbered lines through a pipe that outlives its readers, and what became of them in a log. */

import { namesIn } from "./temp.ts";
import { run, start, type Started } from "./tools.ts";
import { waitFor } from "./wait.ts";

/** Finds a program on PATH. */
export const ENV = "/usr/bin/env";
const NEWLINE = 0x0a;
const encoder = new TextEncoder();
/** The size of a numbered line, without its end, and of a label with its blank. */
const LINE_SIZE = 10;
const LABEL_SIZE = 26;
/** How often a steady writer writes, in milliseconds. */
const STEP_MS = 5;

/** What became of lines. */
export interface Tally {
  /** How many were written. */
  readonly written: number;
  /** How many are not in the log. */
  readonly lost: number;
  /** How many are there more than once. */
  readonly doubled: number;
  /** How many come behind a later one. */
  readonly reordered: number;
  /** In how many places lines are lost. */
  readonly gaps: number;
}

/** The line of a number, without its end: 10 bytes. */
export function numberedLine(number: number): string {
  return `n${String(number).padStart(9, "0")}`;
}

/** A shell command that writes numbered lines, up to a limit. */
export function countTo(limit: number): string {
  return `awk 'BEGIN { for (i = 0; i < ${limit}; i++) printf "n%09d\\n", i }'`;
}

/** The number of a line, which may have a TAI64N label; -1 where it is none of ours, or cut short. */
function numberIn(bytes: Uint8Array, start: number, end: number): number {
  const length = end - start;
  if (length !== LINE_SIZE && (length !== LABEL_SIZE + LINE_SIZE || bytes[start] !== 0x40)) {
    return -1;
  }
  if (bytes[end - LINE_SIZE] !== 0x6e) return -1;
  let number = 0;
  for (let at = end - LINE_SIZE + 1; at < end; at++) {
    const digit = bytes[at]! - 0x30;
    if (digit < 0 || digit > 9) return -1;
    number = number * 10 + digit;
  }
  return number;
}

/**
 * Counts what became of the lines 0, 1, 2, ... in a log directory.
 *
 * @param written how many were written; without it, the lines behind the last one do not count
 */
export function tallyOf(directory: string, written?: number): Tally {
  const names = namesIn(directory);
  const files = [
    ...names.filter((name) => name.startsWith("@")),
    ...["processed", "previous", "current"].filter((name) => names.includes(name)),
  ];
  let seen = new Uint8Array(1 << 20);
  let [doubled, reordered, last] = [0, 0, -1];
  for (const name of files) {
    const bytes = Deno.readFileSync(`${directory}/${name}`);
    for (let at = 0; at < bytes.length;) {
      const newline = bytes.indexOf(NEWLINE, at);
      const end = newline < 0 ? bytes.length : newline;
      const number = numberIn(bytes, at, end);
      at = end + 1;
      if (number < 0) continue;
      if (number >= seen.length) {
        const larger = new Uint8Array(2 * Math.max(number, seen.length));
        larger.set(seen);
        seen = larger;
      }
      if (seen[number] === 1) doubled++;
      else if (number < last) reordered++;
      seen[number] = 1;
      last = Math.max(last, number);
    }
  }
  const total = written ?? last + 1;
  let [lost, gaps] = [0, 0];
  for (let number = 0; number < total; number++) {
    if (seen[number] === 1) continue;
    lost++;
    if (number === 0 || seen[number - 1] === 1) gaps++;
  }
  return { written: total, lost, doubled, reordered, gaps };
}

/** A named pipe that stays open, whoever reads it. */
export class LinePipe implements AsyncDisposable {
  /** Its path. */
  readonly path: string;
  readonly #file: Deno.FsFile;

  private constructor(path: string, file: Deno.FsFile) {
    this.path = path;
    this.#file = file;
  }

  /** Makes it. */
  static async make(path: string): Promise<LinePipe> {
    await run(ENV, ["mkfifo", "-m", "666", path]);
    return new LinePipe(path, await Deno.open(path, { read: true, write: true }));
  }

  /** Writes a line. It must have room: there is a reader, or little was written. */
  write(line: string, end = "\n"): void {
    this.#file.writeSync(encoder.encode(`${line}${end}`));
  }

  /**
   * Writes numbered lines at a steady rate until it is told to stop.
   *
   * @returns what stops it; resolves to how many lines were written, once all of them had room
   */
  writeSteadily(linesPerSecond: number): () => Promise<number> {
    let written = 0;
    let isOver = false;
    const begun = performance.now();
    const writing = (async () => {
      while (!isOver) {
        const due = Math.floor((performance.now() - begun) / 1000 * linesPerSecond);
        let text = "";
        for (; written < due; written++) text += `${numberedLine(written)}\n`;
        if (text !== "") await this.#file.write(encoder.encode(text));
        await new Promise((resolve) => setTimeout(resolve, STEP_MS));
      }
    })();
    return async () => {
      isOver = true;
      await writing;
      return written;
    };
  }

  /** Starts a program that reads it. */
  startReader(command: string, args: readonly string[], cwd: string): Started {
    const script = 'pipe=$1; shift; exec "$@" <"$pipe"';
    return start("/bin/sh", ["-c", script, "sh", this.path, command, ...args], { cwd });
  }

  /** Closes it. */
  // deno-lint-ignore require-await
  async [Symbol.asyncDispose](): Promise<void> {
    this.#file.close();
  }
}

/** Waits until a file holds a text near its end, as after a line was logged. */
export async function waitForLine(directory: string, line: string): Promise<void> {
  await waitFor(() => {
    const names = namesIn(directory).filter((name) => name.startsWith("@"));
    const files = ["current", ...names.slice(-1)].map((name) => `${directory}/${name}`);
    return files.some((file) => Deno.readTextFileSync(file).includes(line));
  }, { what: `${line} in ${directory}`, timeoutMs: 60_000 });
}
