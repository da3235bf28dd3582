/** What it costs to supervise services whose loggers write a line now and then. */

import { attempt, Bench, exists, sleep, waitFor } from "./lib/common.ts";
import { memoryOf, watchersTime } from "./lib/costs.ts";
import { logOf, type Suite } from "./lib/suites.ts";
import { quantile, type Reasons, Table } from "./lib/table.ts";

/** What is measured, and how. */
export const about =
  "Services, each with the suite's own logger (Supervisor writes logs itself), " +
  "in one run. Memory is that of everything but the services: their supervisors and loggers. Up: " +
  "from the start until the first line of each service is in its log. Processor time: over a " +
  "second in which each service writes one line; meanwhile, the time from a line written by a " +
  "service to the line in `current`. Stop: until everything is gone.";

const SECONDS = Number(Deno.env.get("BENCH_SECONDS") ?? 20);
const TICK_MS = 10;
const REASONS: Reasons = {
  processes: "logs are written by a process of its own, as the account of the logs",
  memory: "a runtime for svscan and one for the log host, however few services there are",
  "of it": "a runtime reserves much address space",
  up: "the log host's runtime starts first; records and histories are made, too",
  CPU: "a line is taken in by code of the runtime; services are looked at every five seconds",
  "line to log": "where many logs get little, a log host looks for input every 13 ms",
  stop: "loggers end when their services are gone and all is read",
};
const SAMPLE_EVERY_TICKS = 20;

/** Services that copy what is written to their FIFOs. */
class Talkers {
  readonly names: string[];
  readonly #bench: Bench;
  readonly #directory: string;
  readonly #fifos: Deno.FsFile[] = [];

  constructor(bench: Bench, directory: string, count: number) {
    this.#bench = bench;
    this.#directory = directory;
    this.names = Array.from({ length: count }, (_, index) => `s${index}`);
  }

  async prepare(suite: Suite): Promise<void> {
    const cat = this.#bench.serviceProgram("cat");
    Deno.mkdirSync(this.#bench.join("fifos"));
    Deno.mkdirSync(this.#directory);
    await this.#bench.time(["mkfifo", ...this.names.map((name) => this.#fifo(name))]);
    suite.prepare(
      this.#directory,
      this.names.map((name) => ({
        name,
        script: `echo started\nexec ${cat} ${this.#fifo(name)}\n`,
      })),
    );
    for (const name of this.names) {
      this.#fifos.push(Deno.openSync(this.#fifo(name), { read: true, write: true }));
    }
  }

  /** Whether the log of each has a line. */
  areLogging(): boolean {
    while (this.#waiting.length > 0) {
      const log = logOf(this.#directory, this.#waiting.at(-1)!);
      if (!exists(log) || Deno.statSync(log).size === 0) return false;
      this.#waiting.pop();
    }
    return true;
  }
  readonly #waiting: string[] = [];

  expectLines(): void {
    this.#waiting.push(...this.names);
  }

  say(index: number): void {
    this.#fifos[index]!.writeSync(LINE);
  }

  /** From a line written to the line in the log, in milliseconds. */
  timeToLog(index: number): number {
    const log = logOf(this.#directory, this.names[index]!);
    const before = Deno.statSync(log).size;
    const begun = performance.now();
    this.say(index);
    while (Deno.statSync(log).size === before) {
      if (performance.now() - begun > 10_000) throw new Error(`no line in ${log}`);
    }
    return performance.now() - begun;
  }

  close(): void {
    for (const fifo of this.#fifos) fifo.close();
  }

  #fifo(name: string): string {
    return this.#bench.join(`fifos/${name}`);
  }
}

const LINE = new TextEncoder().encode(
  "a line of the usual length, as a service writes it: 200 OK\n",
);

/** Lets each service write a line a second, evenly; measures on the way how long a line takes. */
async function talk(talkers: Talkers): Promise<number[]> {
  const delays: number[] = [];
  const count = talkers.names.length;
  const begun = performance.now();
  let said = 0;
  for (let tick = 0; tick * TICK_MS < SECONDS * 1000; tick++) {
    for (const due = tick * TICK_MS * count / 1000; said < due; said++) talkers.say(said % count);
    if (tick % SAMPLE_EVERY_TICKS === 0) delays.push(talkers.timeToLog((tick * 7) % count));
    await sleep(Math.max(0, begun + (tick + 1) * TICK_MS - performance.now()));
  }
  return delays;
}

async function measureSuite(suite: Suite, count: number, table: Table): Promise<void> {
  await using bench = new Bench();
  const directory = bench.join("service");
  const talkers = new Talkers(bench, directory, count);
  try {
    await talkers.prepare(suite);
    talkers.expectLines();
    const options = suite.path === undefined ? {} : { path: suite.path };
    const pid = bench.start(["/bin/sh", "-c", suite.watch(directory)], options);
    const up = await waitFor("all logs", () => talkers.areLogging(), { withinMs: 300_000 });
    table.add("up, s", suite.name, up / 1000, 2);
    // What starting took, such as garbage, should be over.
    await sleep(3000);
    const watchers = bench.watchers();
    const { pss, tables } = memoryOf(watchers);
    table.add("processes", suite.name, watchers.length, 0);
    table.add("memory, MB", suite.name, pss + tables);
    table.add("of it page tables, MB", suite.name, tables);
    let delays: number[] = [];
    const time = await watchersTime(bench, async () => {
      delays = await talk(talkers);
    });
    table.add("CPU, ms a second", suite.name, time * 1000 / SECONDS, 2);
    table.add("line to log, ms", suite.name, quantile(delays), 2);
    table.add("line to log, longest, ms", suite.name, Math.max(...delays), 1);
    await bench.time(["/bin/sh", "-c", `${suite.stop(directory, pid)}; :`], options);
    const stop = await waitFor("the end", () => bench.processes().length === 0, { everyMs: 50 });
    table.add("stop, s", suite.name, stop / 1000, 2);
  } finally {
    talkers.close();
  }
}

/** Measures with as many services as the arguments say. */
export async function measure(suites: readonly Suite[], args: readonly string[]): Promise<void> {
  for (const count of args.length > 0 ? args.map(Number) : [1, 10, 20, 100, 1000]) {
    const table = new Table(`services: ${count}`, quantile, REASONS);
    for (const suite of suites) {
      await attempt(suite.name, () => measureSuite(suite, count, table));
    }
    table.print();
  }
}
