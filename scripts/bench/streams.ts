/** How fast logs are written behind supervision: where ours hosts them, and others start loggers. */

import { attempt, Bench, exists, sleep, smallest, Table, waitFor } from "./lib/common.ts";
import type { Suite } from "./lib/suites.ts";

/** What is measured, and how. */
export const about =
  "Services that write 100 MB each at once, behind their suite's logger without " +
  "labels: milliseconds until all lines are in the logs, the best of several. Then the same beside " +
  "one service that writes all the time to a log whose disk is full.";

const LINE = `${"a line of the usual length, as a service writes it: 200 OK ".repeat(2)}\n`;

/** Service directories whose logs lie below `logs`, each with a script. */
interface Streams {
  readonly directory: string;
  readonly logs: readonly string[];
}

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

async function measureSuite(
  suite: Suite,
  count: number,
  megabytes: number,
  isBesideFull: boolean,
): Promise<number> {
  await using bench = new Bench();
  const lines = Math.round(megabytes * 1e6 / LINE.length);
  Deno.writeTextFileSync(bench.join("input"), LINE.repeat(lines));
  const full = isBesideFull ? await bench.mount("full", "64k") : undefined;
  const { directory, logs } = prepare(bench, suite, count, full);
  await bench.time(["mkfifo", bench.join("go")]);
  const options = suite.path === undefined ? {} : { path: suite.path };
  bench.start(["/bin/sh", "-c", suite.watch(directory)], options);
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
  const [megabytes = 100, rounds = 3] = args.map(Number);
  const table = new Table(`${megabytes} MB each, ms`, smallest);
  const cases: [row: string, count: number, isBesideFull: boolean][] = [
    ["one service", 1, false],
    ["eight services", 8, false],
    ["one service beside a full disk", 1, true],
  ];
  for (let round = 0; round < rounds; round++) {
    for (const [row, count, isBesideFull] of cases) {
      for (const suite of suites) {
        if (LOGGERS[suite.name] === undefined) continue;
        await attempt(`${row}, ${suite.name}`, async () => {
          table.add(row, suite.name, await measureSuite(suite, count, megabytes, isBesideFull), 0);
        });
      }
    }
  }
  table.print();
}
