/** How long a start through other programs takes. */

import { Bench } from "./lib/common.ts";
import type { Suite } from "./lib/suites.ts";
import { quantile, type Reasons, Table } from "./lib/table.ts";

/** What is measured, and how. */
export const about =
  "The start of `/bin/true` as another account with variables from a directory " +
  "(`envdir DIR setuidgid ACCOUNT`; runit's `chpst`, s6's `s6-envdir` and `s6-setuidgid`), and what " +
  "one and four programs before it take; the median of many, each with a shell's fork.";

const TIMES = 20;
const REASONS: Reasons = { env: "a chain starts the runtime once: 20 ms and more" };

/** Measures in as many rounds as the argument says. */
export async function measure(suites: readonly Suite[], args: readonly string[]): Promise<void> {
  await using bench = new Bench();
  const environment = bench.join("env");
  Deno.mkdirSync(environment);
  Deno.writeTextFileSync(`${environment}/NAME`, "value\n");
  const account = Deno.uid() === 0 ? "nobody" : Deno.env.get("USER") ?? "nobody";
  const table = new Table("a start, ms", quantile, REASONS);
  const add = async (row: string, suite: Suite, command: string): Promise<void> => {
    const loop = `i=0; while [ $i -lt ${TIMES} ]; do ${command}; i=$((i+1)); done`;
    const options = suite.path === undefined ? {} : { path: suite.path };
    const taken = await bench.time(["/bin/sh", "-c", loop], options);
    table.add(row, suite.name, taken / TIMES, 2);
  };
  for (let round = Number(args[0] ?? 7); round > 0; round--) {
    for (const suite of suites) {
      if (suite.chain === undefined) continue;
      await add("true alone", suite, "/bin/true");
      await add("envdir and setuidgid", suite, suite.chain(account, environment, "/bin/true"));
      if (!["ours", "daemontools"].includes(suite.name)) continue;
      await add("envdir", suite, `envdir ${environment} /bin/true`);
      await add(
        "envdir, setuidgid, softlimit, setlock",
        suite,
        `envdir ${environment} setuidgid ${account} softlimit -o 64 setlock /tmp /bin/true`
          .replace("/tmp", bench.join("lock")),
      );
    }
  }
  table.print();
}
