/** What watching costs when nothing happens, and when services die all the time. */

import { attempt, Bench, sleep } from "./lib/common.ts";
import { watchersTime } from "./lib/costs.ts";
import { type Suite, Watched } from "./lib/suites.ts";
import { quantile, type Reasons, Table } from "./lib/table.ts";

/** What is measured, and how. */
export const about = "Processor time of supervisors and loggers, services apart: 100 and 1000 " +
  "services that sleep; and 50 that end after a second and are started again, 50 in a second.";

const SECONDS = Number(Deno.env.get("BENCH_SECONDS") ?? 60);

const SETTLE_MS = 5000;
const REASONS: Reasons = {
  "100": "every five seconds each name is looked at, and into some of the services",
  "50": "each start and end is noted in a history and in a record for adoption, too",
};

interface Case {
  readonly row: string;
  readonly count: number;
  /** How long a service runs before it ends, in seconds. */
  readonly life: number;
}

async function measureSuite(suite: Suite, { row, count, life }: Case, table: Table): Promise<void> {
  await using bench = new Bench();
  const script = `exec ${bench.serviceProgram("sleep")} ${life}\n`;
  const watched = await Watched.start(bench, suite, count, script);
  await sleep(SETTLE_MS);
  let starts = 0;
  const time = await watchersTime(bench, async () => {
    const before = watched.starts();
    await sleep(SECONDS * 1000);
    starts = watched.starts() - before;
  });
  table.add(row, suite.name, time * 1000);
  if (life === 1) table.add("starts in a second then", suite.name, starts / SECONDS);
}

/** Measures each suite. */
export async function measure(suites: readonly Suite[]): Promise<void> {
  const table = new Table(`processor time in ${SECONDS} s, ms`, quantile, REASONS);
  const cases: readonly Case[] = [
    { row: "100 that sleep", count: 100, life: 1000000 },
    { row: "1000 that sleep", count: 1000, life: 1000000 },
    { row: "50 that die every second", count: 50, life: 1 },
  ];
  for (const each of cases) {
    for (const suite of suites) {
      await attempt(suite.name, () => measureSuite(suite, each, table));
    }
  }
  table.print();
}
