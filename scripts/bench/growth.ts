/** Whether ours grows with what happens to it. */

import { attempt, Bench, sleep, waitFor } from "./lib/common.ts";
import { memoryOf } from "./lib/costs.ts";
import { type Suite, Watched } from "./lib/suites.ts";
import { Table } from "./lib/table.ts";

/** What is measured, and how. */
export const about =
  "Memory of svscan and of its log host, without page tables, in MB: by and by, up to 10 000 starts " +
  "of 100 services that end at once and up to 5 GB of lines from eight services, and at twice as " +
  "much. Nothing happens for 15 seconds before each row.";

const SERVICES = 100;
const WRITERS = 8;
const LINE = `${"a line of the usual length, as a service writes it: 200 OK ".repeat(2)}\n`;
const CHUNK_MB = 10;
/** When memory is looked at, as shares of what is asked for. */
const SHARES = [0.01, 0.05, 0.1, 0.5, 1, 2];
const REST_MS = 15_000;

/** A FIFO from which services take what they may do. */
class Permissions implements Disposable {
  readonly path: string;
  readonly #file: Deno.FsFile;
  #given = 0;

  private constructor(path: string) {
    this.path = path;
    this.#file = Deno.openSync(path, { read: true, write: true });
  }

  static async make(bench: Bench): Promise<Permissions> {
    const path = bench.join("go");
    await bench.time(["mkfifo", path]);
    return new Permissions(path);
  }

  /** Gives some at a time, until so many were given and used in all. */
  async giveUpTo(wanted: number, atATime: number, used: () => number): Promise<void> {
    const options = { everyMs: 5, withinMs: 600_000 };
    while (this.#given < wanted) {
      const more = Math.min(atATime, wanted - this.#given);
      this.#file.writeSync(new TextEncoder().encode("go\n".repeat(more)));
      this.#given += more;
      await waitFor("progress", () => used() >= this.#given, options);
    }
  }

  [Symbol.dispose](): void {
    this.#file.close();
  }
}

/** Adds a row of the memory that is taken at rest: of svscan, and of its log host. */
async function addMemory(bench: Bench, table: Table, when: string): Promise<void> {
  await sleep(REST_MS);
  const isHost = (pid: number) =>
    Deno.readTextFileSync(`/proc/${pid}/cmdline`).split("\0")[1] === "log-host";
  for (const [name, are] of [["svscan", false], ["log host", true]] as const) {
    const { pss, anonymous } = memoryOf(bench.watchers().filter((pid) => isHost(pid) === are));
    table.add(when, name, pss);
    table.add(when, `${name}: no copies of files`, anonymous);
  }
}

async function measureStarts(suite: Suite, starts: number, table: Table): Promise<void> {
  await using bench = new Bench();
  using permissions = await Permissions.make(bench);
  const services = Math.min(SERVICES, starts);
  const watched = await Watched.start(bench, suite, services, `read go <${permissions.path}\n`);
  for (const count of SHARES.map((share) => Math.ceil(share * starts))) {
    await permissions.giveUpTo(count, services, () => watched.starts() - services);
    await addMemory(bench, table, `${count} starts`);
  }
}

async function measureLines(suite: Suite, megabytes: number, table: Table): Promise<void> {
  await using bench = new Bench();
  using permissions = await Permissions.make(bench);
  const input = bench.join("input");
  Deno.writeTextFileSync(input, LINE.repeat(CHUNK_MB * 1e6 / LINE.length));
  const told = bench.join("chunks");
  Deno.writeTextFileSync(told, "");
  const write = `${bench.serviceProgram("cat")} ${input}; printf . >>${told}`;
  const script = `while read go <${permissions.path}; do ${write}; done\n`;
  await Watched.start(bench, suite, WRITERS, script);
  for (const chunks of SHARES.map((share) => Math.ceil(share * megabytes / CHUNK_MB))) {
    await permissions.giveUpTo(chunks, WRITERS, () => Deno.statSync(told).size);
    await addMemory(bench, table, `${chunks * CHUNK_MB} MB of lines`);
  }
}

/** Measures as many starts and as many megabytes as the arguments say, and twice as many. */
export async function measure(suites: readonly Suite[], args: readonly string[]): Promise<void> {
  const [starts = 10_000, megabytes = 5000] = args.map(Number);
  const table = new Table("memory, MB");
  for (const suite of suites.slice(0, 1)) {
    await attempt("starts", () => measureStarts(suite, starts, table));
    await attempt("lines", () => measureLines(suite, megabytes, table));
  }
  table.print();
}
