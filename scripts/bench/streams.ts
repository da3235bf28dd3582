/** How fast logs are written behind supervision: where ours hosts them, and others start loggers. */

import { attempt, Bench, exists, sleep, waitFor } from "./lib/common.ts";
import type { Suite } from "./lib/suites.ts";
import { type Reasons, smallest, Table } from "./lib/table.ts";

/** What is measured, and how. */
export const about =
  "Services that write so many MB each at once, behind their suite's logger without " +
  "labels: milliseconds until all lines are in the logs, the best of several, taking turns. Beside them, the same " +
  "script piped into the same logger, which nobody supervises; and one service beside another one " +
  "that writes all the time to a log whose disk is full.";

const LINE = `${"a line of the usual length, as a service writes it: 200 OK ".repeat(2)}\n`;

/** Service directories whose logs lie below `logs`, each with a script. */
interface Streams {
  readonly directory: string;
  readonly logs: readonly string[];
}

const REASONS: Reasons = {
  eight: "all streams of an account share one process, and so one processor",
  one: "one process reads for all logs of an account, in turn",
};

const LOGGERS: Readonly<Record<string, string>> = {
  ours: "multilog s16777215 n50",
  daemontools: "multilog s16777215 n50",
  s6: "s6-log n50 s16777215",
  runit: "svlogd",
};

/** Makes services that wait for the file `go`, and then write what is in the file `input`. */
function prepare(bench: Bench, suite: Suite, count: number, full: string | undefined): Streams {
  const directory = bench.join("service");
  const make = (name: string, script: string, log: string): void => {
    Deno.mkdirSync(`${directory}/${name}/log`, { recursive: true });
    Deno.mkdirSync(log, { recursive: true });
    const run = (path: string, text: string) =>
      Deno.writeTextFileSync(`${directory}/${name}/${path}`, `#!/bin/sh\n${text}`, { mode: 0o755 });
    run("run", script);
    run("log/run", `exec ${LOGGERS[suite.name]} ${log}\n`);
    if (suite.name === "runit") Deno.writeTextFileSync(`${log}/config`, "s16777215\nn50\n");
  };
  const [cat, tail] = [bench.serviceProgram("cat"), bench.serviceProgram("sleep")];
  const logs = Array.from({ length: count }, (_, index) => bench.join(`logs/s${index}`));
  for (const [index, log] of logs.entries()) {
    const script = `read line <${bench.join("go")}\n${cat} ${bench.join("input")}\n`;
    make(`s${index}`, `${script}exec ${tail} 1000000\n`, log);
  }
  if (full !== undefined) {
    make("full", `while :; do ${cat} ${bench.join("input")}; done\n`, full);
  }
  return { directory, logs };
}

function sizeOf(log: string): number {
  let bytes = 0;
  for (const { name } of Deno.readDirSync(log)) {
    if (!/^(?:@.*|current)$/.test(name)) continue;
    try {
      bytes += Deno.statSync(`${log}/${name}`).size;
    } catch (error) {
      // It was renamed meanwhile.
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return bytes;
}

/** What runs at once. */
interface Case {
  readonly row: string;
  /** How many services write. */
  readonly count: number;
  /** Whether there is one more, whose log has no room. */
  readonly isBesideFull?: boolean;
  /** Whether a shell pipes the only service into its logger. */
  readonly isAlone?: boolean;
}

const CASES: readonly Case[] = [
  { row: "one logger without supervision", count: 1, isAlone: true },
  { row: "one service", count: 1 },
  { row: "one service beside a full disk", count: 1, isBesideFull: true },
  { row: "eight services", count: 8 },
];

async function measureSuite(
  suite: Suite,
  { count, isBesideFull = false, isAlone = false }: Case,
  megabytes: number,
): Promise<number> {
  await using bench = new Bench();
  const lines = Math.round(megabytes * 1e6 / LINE.length);
  Deno.writeTextFileSync(bench.join("input"), LINE.repeat(lines));
  const full = isBesideFull ? await bench.mount("full", "64k") : undefined;
  const { directory, logs } = prepare(bench, suite, count, full);
  await bench.time(["mkfifo", bench.join("go")]);
  const options = suite.path === undefined ? {} : { path: suite.path };
  const command = isAlone
    ? `${directory}/s0/run | exec ${directory}/s0/log/run`
    : suite.watch(directory);
  bench.start(["/bin/sh", "-c", command], options);
  await waitFor("the logs", () => logs.every((log) => exists(`${log}/current`)));
  await sleep(2000);
  const go = Deno.openSync(bench.join("go"), { read: true, write: true });
  try {
    const begun = performance.now();
    // A line for each; the shells of services read byte by byte.
    go.writeSync(new TextEncoder().encode("go\n".repeat(count)));
    const waiting = [...logs];
    await waitFor("all lines", () => {
      while (waiting.length > 0 && sizeOf(waiting.at(-1)!) === lines * LINE.length) waiting.pop();
      return waiting.length === 0;
    }, { everyMs: 2 });
    return performance.now() - begun;
  } finally {
    go.close();
  }
}

/** Measures with as many megabytes, in as many rounds as the arguments say. */
export async function measure(suites: readonly Suite[], args: readonly string[]): Promise<void> {
  const [megabytes = 100, rounds = 6] = args.map(Number);
  const table = new Table(`${megabytes} MB each, ms`, smallest, REASONS);
  for (let round = 0; round < rounds; round++) {
    // What one writes the disk may still be busy with when the next one begins: each comes first.
    const turn = <T>(all: readonly T[]) => round % 2 === 0 ? all : all.toReversed();
    for (const each of turn(CASES)) {
      for (const suite of turn(suites)) {
        if (LOGGERS[suite.name] === undefined) continue;
        await attempt(`${each.row}, ${suite.name}`, async () => {
          table.add(each.row, suite.name, await measureSuite(suite, each, megabytes), 0);
        });
      }
    }
  }
  table.print();
}
