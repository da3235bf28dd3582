/** How long it takes to tell services something, and to ask how they are. */

import { attempt, Bench, quote, sleep } from "./lib/common.ts";
import { type Suite, Watched } from "./lib/suites.ts";
import { quantile, type Reasons, Table } from "./lib/table.ts";

/** What is measured, and how. */
export const about =
  "With services that sleep, as many as rows say: whole commands, the median of 11 on one " +
  "service and of 3 on all. Control tells services that run to run (`svc -u`, `sv up`, `s6-svc -u`; " +
  "Supervisor: `signal CONT`); status asks how they are (`svstat`, `sv status`, `s6-svstat`). The " +
  "tools of s6 take one service each, so that they are called once for each.";

const REASONS: Reasons = {
  "control of": "a command starts the runtime: 20 ms and more",
  "status of": "a command starts the runtime: 20 ms and more",
};

async function measureSuite(suite: Suite, count: number, table: Table): Promise<void> {
  await using bench = new Bench();
  const script = `exec ${bench.serviceProgram("sleep")} 1000000\n`;
  const watched = await Watched.start(bench, suite, count, script);
  await sleep(3000);
  const { directory, names } = watched;
  const commands: [row: string, times: number, command: string][] = [
    ["control of 1", 11, suite.control(directory, names.slice(0, 1))],
    [`control of ${count}`, 3, suite.control(directory, names)],
    ["status of 1", 11, suite.status(directory, names.slice(0, 1))],
    [`status of ${count}`, 3, suite.status(directory, names)],
  ];
  if (suite.name === "ours") {
    const tool = `${quote(`${suite.path}/../daemontools`)} status`;
    commands.push(
      ["daemontools status of 1", 11, `${tool} --table ${directory}/${names[0]}`],
      [`daemontools status of ${count}`, 3, `${tool} ${directory}/*`],
    );
  }
  for (const [row, times, command] of commands) {
    for (let time = 0; time < times; time++) {
      table.add(row, suite.name, await watched.time(command));
    }
  }
}

/** Measures with 1000 services, or as many as the argument says. */
export async function measure(suites: readonly Suite[], args: readonly string[]): Promise<void> {
  const table = new Table("commands, ms", quantile, REASONS);
  for (const suite of suites) {
    await attempt(suite.name, () => measureSuite(suite, Number(args[0] ?? 1000), table));
  }
  table.print();
}
