/** How soon something is done about what happens to services. */

import { attempt, Bench, kill, sleep, waitFor } from "./lib/common.ts";
import { type Suite, Watched } from "./lib/suites.ts";
import { quantile, type Reasons, Table } from "./lib/table.ts";

/** What is measured, and how. */
export const about = "With 20 services that sleep, the median of 9: from the link to a service " +
  "directory (Supervisor: from its file) until that service runs, and from `kill -9` of a service's " +
  "process until the next one runs. In the suites that do not look for links by themselves, they " +
  "are told to.";

const SERVICES = 20;
const TIMES = 9;
const REASONS: Reasons = {
  from: "a helper thread asks first whether the disk answers; history and record are written",
};

async function measureSuite(suite: Suite, table: Table): Promise<void> {
  await using bench = new Bench();
  const script = `exec ${bench.serviceProgram("sleep")} 1000000\n`;
  const watched = await Watched.start(bench, suite, SERVICES, script);
  // Some are deaf for a second after a start.
  await sleep(2500);
  const next = async (what: string): Promise<number> => {
    const starts = watched.starts();
    return await waitFor(what, () => watched.starts() > starts, { everyMs: 0.5 });
  };
  for (let time = 0; time < TIMES; time++) {
    const telling = `printf . >>${bench.join("starts")}\n${script}`;
    const command = suite.link(watched.directory, { name: `new${time}`, script: telling });
    const running = next("a new service");
    const begun = performance.now();
    await watched.time(command);
    await running;
    table.add("from a link to running, ms", suite.name, performance.now() - begun);
  }
  await sleep(2500);
  const services = new Set(bench.services());
  for (const pid of [...services].slice(0, TIMES)) {
    const running = next("a restart");
    kill(pid, "SIGKILL");
    table.add("from kill -9 to running, ms", suite.name, await running);
    await sleep(100);
  }
}

/** Measures each suite. */
export async function measure(suites: readonly Suite[]): Promise<void> {
  const table = new Table("reaction", quantile, REASONS);
  for (const suite of suites) await attempt(suite.name, () => measureSuite(suite, table));
  table.print();
}
