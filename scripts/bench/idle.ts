/** What watching costs when nothing happens, and when services die all the time. */

import { Bench, sleep, Table, watchersTime } from "./lib/common.ts";
import { type Suite, Watched } from "./lib/suites.ts";

/** What is measured, and how. */
export const about = "Processor time of supervisors and loggers, services apart: 100 and 1000 " +
  "services that sleep; and 50 that end after a second and are started again, 50 in a second.";

const SECONDS = Number(Deno.env.get("BENCH_SECONDS") ?? 60);

/** Measures each suite. */
export async function measure(suites: readonly Suite[]): Promise<void> {
  const table = new Table(`processor time in ${SECONDS} s, ms`);
  const cases: [row: string, count: number, seconds: number][] = [
    ["100 that sleep", 100, 1000000],
    ["1000 that sleep", 1000, 1000000],
    ["50 that die every second", 50, 1],
  ];
  for (const [row, count, life] of cases) {
    for (const suite of suites) {
      await using bench = new Bench();
      const script = `exec ${bench.serviceProgram("sleep")} ${life}\n`;
      const watched = await Watched.start(bench, suite, count, script);
      await sleep(10_000);
      const starts = watched.starts();
      const time = await watchersTime(bench, () => sleep(SECONDS * 1000));
      table.add(row, suite.name, time * 1000);
      if (life === 1) {
        table.add("starts in a second then", suite.name, (watched.starts() - starts) / SECONDS);
      }
    }
  }
  table.print();
}
