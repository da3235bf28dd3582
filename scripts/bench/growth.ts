/** Whether ours grows with what happens to it. */

import { attempt, Bench, memoryOf, sleep, waitFor } from "./lib/common.ts";
import { type Suite, Watched } from "./lib/suites.ts";
import { Table } from "./lib/table.ts";

/** What is measured, and how. */
export const about =
  "Memory of svscan and its log hosts, without page tables, in MB: after 100 and " +
  "after 10 000 starts of services that end at once, and after 50 MB and after 5 GB of lines from " +
  "eight services.";

const LINE = `${"a line of the usual length, as a service writes it: 200 OK ".repeat(2)}\n`;
const CHUNK_MB = 10;

/** Adds a row of the memory that is taken when it is at rest. */
async function addMemory(bench: Bench, table: Table, suite: Suite, when: string): Promise<void> {
  await sleep(5000);
  const { pss, anonymous } = memoryOf(bench.watchers());
  table.add(when, suite.name, pss);
  table.add(`${when}: no copies of files`, suite.name, anonymous);
}

async function measureStarts(suite: Suite, starts: number, table: Table): Promise<void> {
  await using bench = new Bench();
  const script = `exec ${bench.serviceProgram("sleep")} 0.9\n`;
  const watched = await Watched.start(bench, suite, Math.min(100, starts), script);
  for (const count of [starts / 100, starts]) {
    await waitFor("starts", () => watched.starts() >= count, { everyMs: 50, withinMs: 1_200_000 });
    await addMemory(bench, table, suite, `${count} starts`);
  }
}

async function measureLines(suite: Suite, megabytes: number, table: Table): Promise<void> {
  await using bench = new Bench();
  const input = bench.join("input");
  Deno.writeTextFileSync(input, LINE.repeat(CHUNK_MB * 1e6 / LINE.length));
  const cat = bench.serviceProgram("cat");
  const told = bench.join("chunks");
  // Each waits now and then until it may go on.
  const script = `while read go <${
    bench.join("go")
  }; do ${cat} ${input}; printf . >>${told}; done\n`;
  await bench.time(["mkfifo", bench.join("go")]);
  const go = Deno.openSync(bench.join("go"), { read: true, write: true });
  try {
    await Watched.start(bench, suite, 8, script);
    const chunks = (): number => {
      try {
        return Deno.statSync(told).size;
      } catch {
        return 0;
      }
    };
    let allowed = 0;
    for (const total of [megabytes / 100, megabytes]) {
      const wanted = Math.ceil(total / CHUNK_MB);
      while (allowed < wanted) {
        const more = Math.min(8, wanted - allowed);
        go.writeSync(new TextEncoder().encode("go\n".repeat(more)));
        allowed += more;
        await waitFor("lines", () => chunks() >= allowed, { everyMs: 5, withinMs: 600_000 });
      }
      await addMemory(bench, table, suite, `${total} MB of lines`);
    }
  } finally {
    go.close();
  }
}

/** Measures as many starts and as many megabytes as the arguments say. */
export async function measure(suites: readonly Suite[], args: readonly string[]): Promise<void> {
  const [starts = 10_000, megabytes = 5000] = args.map(Number);
  const table = new Table("memory, MB");
  for (const suite of suites.slice(0, 1)) {
    await attempt("starts", () => measureStarts(suite, starts, table));
    await attempt("lines", () => measureLines(suite, megabytes, table));
  }
  table.print();
}
