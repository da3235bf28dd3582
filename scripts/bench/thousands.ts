/** Whether svscan with thousands of services stays as quick as with a few. */

import { attempt, Bench, exists, kill, sleep, tell, waitFor } from "./lib/common.ts";
import { memoryOf, watchersTime } from "./lib/costs.ts";
import { logOf, type Suite } from "./lib/suites.ts";
import { quantile, Table } from "./lib/table.ts";

/** What is measured, and how. */
export const about =
  "Ours alone: services by the thousand, each with a hosted log. A letter: from the moment it is in `supervise/control` until it " +
  "shows in `supervise/status`; the longest and the median of many. Idle: processor time, and how " +
  "often svscan and its log hosts woke up. Then a tenth of them die every second, and once each of " +
  "these has died three times, healthy ones are killed among them.";

const SECONDS = Number(Deno.env.get("BENCH_SECONDS") ?? 60);
const PAUSED_AT = 16;
const PROBE_EVERY_MS = 25;
const KILLS = 20;

/** Services in a directory that svscan watches. */
class Thousands {
  readonly names: readonly string[];
  readonly #directory: string;
  readonly #waiting: string[];

  constructor(readonly bench: Bench, readonly suite: Suite, count: number) {
    this.#directory = bench.join("service");
    this.names = Array.from({ length: count }, (_, index) => `s${index}`);
    this.#waiting = [...this.names];
    Deno.mkdirSync(this.#directory);
    this.prepareIn(this.#directory, this.names);
  }

  /** Makes services that tell their process id, and then sleep as long as they are told. */
  prepareIn(directory: string, names: readonly string[]): void {
    const sleep = this.bench.serviceProgram("sleep");
    const script = `echo $$\nread life <life\nexec ${sleep} $life\n`;
    this.suite.prepare(directory, names.map((name) => ({ name, script })));
    for (const name of names) Deno.writeTextFileSync(`${directory}/${name}/life`, "1000000\n");
  }

  start(): number {
    const { path } = this.suite;
    const options = path === undefined ? {} : { path };
    return this.bench.start(["/bin/sh", "-c", this.suite.watch(this.#directory)], options);
  }

  path(name: string, file: string): string {
    return `${this.#directory}/${name}/${file}`;
  }

  /** Whether the log of each has a line. */
  areAllUp(): boolean {
    while (this.#waiting.length > 0) {
      const log = logOf(this.#directory, this.#waiting.at(-1)!);
      if (!exists(log) || Deno.statSync(log).size === 0) return false;
      this.#waiting.pop();
    }
    return true;
  }

  expect(names: readonly string[]): void {
    this.#waiting.push(...names);
  }

  /** Links services that lie elsewhere into the directory, all at once. */
  link(from: string, names: readonly string[]): void {
    for (const name of names) Deno.symlinkSync(`${from}/${name}`, `${this.#directory}/${name}`);
    this.expect(names);
  }

  /** Lets services end as soon as they are started, and after a second each time after that. */
  letDie(names: readonly string[]): void {
    for (const name of names) {
      Deno.writeTextFileSync(this.path(name, "life"), "0\n");
      kill(this.pid(name), "SIGTERM");
    }
  }

  /** Whether each has ended so often by now, as its history says. */
  haveDied(names: readonly string[], times: number): boolean {
    const ends = (name: string): number =>
      Deno.readTextFileSync(this.path(name, "supervise/history")).split(" exit ").length - 1;
    return names.every((name) => ends(name) >= times);
  }

  /** The process id in a status record. */
  pid(name: string): number {
    const status = Deno.readFileSync(this.path(name, "supervise/status"));
    return new DataView(status.buffer).getUint32(12, true);
  }

  /** From a letter to what it brings about, in milliseconds. */
  async timeOfLetter(name: string): Promise<number> {
    const status = this.path(name, "supervise/status");
    const isPaused = () => Deno.readFileSync(status)[PAUSED_AT] === 1;
    const letter = isPaused() ? "c" : "p";
    // For reading, too: that does not wait for a svscan that is gone.
    const rights = { read: true, write: true };
    const control = Deno.openSync(this.path(name, "supervise/control"), rights);
    try {
      const begun = performance.now();
      control.writeSync(new TextEncoder().encode(letter));
      await waitFor("a letter", () => isPaused() === (letter === "p"), { everyMs: 1 });
      return performance.now() - begun;
    } finally {
      control.close();
    }
  }

  /** Writes letters as long as something goes on; how long they took, in milliseconds. */
  async timesOfLetters(name: string, isOver: () => boolean): Promise<number[]> {
    const times: number[] = [];
    while (!isOver() || times.length % 2 === 1) {
      times.push(await this.timeOfLetter(name));
      await sleep(PROBE_EVERY_MS);
    }
    return times;
  }

  /** From the `kill -9` of a service to its next process, in milliseconds. */
  async timeOfRestart(name: string): Promise<number> {
    const before = this.pid(name);
    const begun = performance.now();
    kill(before, "SIGKILL");
    await waitFor("a restart", () => ![0, before].includes(this.pid(name)), { everyMs: 1 });
    return performance.now() - begun;
  }

  /** How many loggers ended before their service, by their histories. */
  loggersTooEarly(names: readonly string[]): number {
    const lastExit = (name: string): string =>
      Deno.readTextFileSync(this.path(name, "supervise/history")).split("\n")
        .filter((line) => line.includes(" exit ")).at(-1) ?? "";
    return names.filter((name) => {
      const [main, log] = [lastExit(name), lastExit(`${name}/log`)];
      return main === "" || log === "" || log < main;
    }).length;
  }
}

/** How often the event loops of processes have waited by now: their first threads. */
function wakeUps(pids: readonly number[]): number {
  const counts = pids.map((pid) => {
    const text = Deno.readTextFileSync(`/proc/${pid}/status`);
    return Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(text)?.[1]);
  });
  return counts.reduce((sum, count) => sum + count, 0);
}

async function measureSuite(suite: Suite, count: number, table: Table): Promise<void> {
  await using bench = new Bench();
  try {
    await measureIn(bench, suite, count, table);
  } finally {
    if (bench.errors() !== "") tell(bench.errors().split("\n").slice(0, 20).join("\n"));
  }
}

async function measureIn(bench: Bench, suite: Suite, count: number, table: Table): Promise<void> {
  const all = new Thousands(bench, suite, count);
  const add = (row: string, value: number, digits = 1) => table.add(row, suite.name, value, digits);
  const addLetters = (when: string, times: readonly number[]) => {
    add(`a letter ${when}: median, ms`, quantile(times));
    add(`a letter ${when}: longest, ms`, Math.max(...times));
  };
  const begun = performance.now();
  const svscan = all.start();
  const first = () => all.names.find((name) => exists(all.path(name, "supervise/ok")));
  await waitFor("a service", () => first() !== undefined);
  let isUp = false;
  const up = waitFor("all logs", () => all.areAllUp(), { everyMs: 20, withinMs: 600_000 })
    .then(() => {
      isUp = true;
      add("all up, s", (performance.now() - begun) / 1000);
    });
  const letters = all.timesOfLetters(first()!, () => isUp)
    .then((times) => addLetters("while starting", times));
  // Together: what fails first ends the measuring.
  await Promise.all([up, letters]);
  await sleep(5000);
  add("memory beside the services, MB", memoryOf(bench.watchers()).pss);
  const watchers = bench.watchers();
  const before = wakeUps(watchers);
  const idle = await watchersTime(bench, () => sleep(SECONDS * 1000));
  add(`${SECONDS} s of nothing: processor time, ms`, idle * 1000);
  add(`${SECONDS} s of nothing: wake-ups`, wakeUps(watchers) - before, 0);
  const probe = all.names[0]!;
  let left = 50;
  addLetters("when all is quiet", await all.timesOfLetters(probe, () => left-- <= 0));
  const more = Array.from({ length: Math.ceil(count / 12) }, (_, index) => `more${index}`);
  const elsewhere = bench.join("elsewhere");
  all.prepareIn(elsewhere, more);
  all.link(elsewhere, more);
  const linked = performance.now();
  const times = await all.timesOfLetters(probe, () => all.areAllUp());
  add(`${more.length} links more: all up, s`, (performance.now() - linked) / 1000);
  addLetters("meanwhile", times);
  const dying = all.names.slice(-count / 10);
  all.letDie(dying);
  // Before that they are as healthy as the others, and all killed at once.
  await waitFor("crash loops", () => all.haveDied(dying, 3), { everyMs: 100 });
  const restarts: number[] = [];
  const dyingLetters: number[] = [];
  for (const name of all.names.slice(1, 1 + KILLS)) {
    dyingLetters.push(await all.timeOfLetter(probe));
    restarts.push(await all.timeOfRestart(name));
    await sleep(40);
  }
  add(`${dying.length} die every second: a restart, median, ms`, quantile(restarts));
  add(`${dying.length} die every second: a restart, longest, ms`, Math.max(...restarts));
  addLetters("then", dyingLetters);
  add("processor time in 10 s of that, ms", 1000 * await watchersTime(bench, () => sleep(10_000)));
  kill(svscan, "SIGTERM");
  const options = { everyMs: 20, withinMs: 600_000 };
  const stop = await waitFor("the end", () => !exists(`/proc/${svscan}/exe`), options);
  add("stop, s", stop / 1000);
  add("loggers that ended before their service", all.loggersTooEarly(all.names), 0);
}

/** Measures with as many services as the argument says. */
export async function measure(suites: readonly Suite[], args: readonly string[]): Promise<void> {
  const count = Number(args[0] ?? 5000);
  const table = new Table(`services: ${count}`);
  await attempt("ours", () => measureSuite(suites[0]!, count, table));
  table.print();
}
