/** How fast the logging programs are. */

import { Bench } from "./lib/common.ts";
import type { Suite } from "./lib/suites.ts";
import { type Reasons, smallest, Table } from "./lib/table.ts";

/** What is measured, and how. */
export const about = "Whole processes on the same input, taking turns; the best of several, in " +
  "milliseconds. Lines are of 40 to 159 bytes unless a row says otherwise. Files are at most 16 MB, " +
  "so that it is not the disk that is measured; 20 KB where there are many rotations, of which 1000 " +
  "are kept.";

/** Files, most of them of lines that are the same each time. */
const INPUT = `BEGIN {
  srand(1)
  for (filler = "abcdefghij klmnop "; length(filler) < 2100;) filler = filler filler
  for (made = 0; made < size; made += length(line) + 1) {
    line = substr("line " made " " filler, 1, least + int(rand() * (most - least + 1)))
    print line
  }
}`;

interface Case {
  readonly row: string;
  readonly input: string;
  /** What svlogd reads from a file. */
  readonly sizes?: string;
  /** The command of each suite that can do this. */
  readonly commands: Readonly<Record<string, string>>;
}

function loggers(row: string, input: string, bytes: number, files: number, labels: boolean): Case {
  const multilog = `multilog ${labels ? "t " : ""}s${bytes} n${files} ./log`;
  return {
    row,
    input,
    sizes: `s${bytes}\nn${files}\n`,
    commands: {
      ours: multilog,
      daemontools: multilog,
      s6: `s6-log ${labels ? "t " : ""}n${files} s${bytes} ./log`,
      runit: `svlogd ${labels ? "-t " : ""}./log`,
    },
  };
}

/** Both have these programs. */
function both(row: string, input: string, command: string): Case {
  return { row, input, commands: { ours: command, daemontools: command } };
}

const REASONS: Reasons = {
  "multilog t, files of": "rotations wait for the disk, whose speed differs from run to run",
  "multilog t": "the label of each line is made in JavaScript",
  multilog: "the runtime starts first",
  tai64n: "the runtime starts first",
};

const LARGE = 16777215;
const CASES: readonly Case[] = [
  loggers("multilog, no label", "input", LARGE, 30, false),
  loggers("multilog t", "input", LARGE, 30, true),
  both("multilog t, two patterns", "input", `multilog t '-*nope*' '+*line*' s${LARGE} n30 ./log`),
  loggers("multilog t, lines of 20 bytes", "short", LARGE, 30, true),
  loggers("multilog t, lines of 200 bytes", "longer", LARGE, 30, true),
  loggers("multilog t, lines of 2000 bytes", "long", LARGE, 30, true),
  loggers("multilog t, files of 20 KB", "input", 20480, 1000, true),
  both("tai64n", "input", "tai64n"),
  both("tai64nlocal", "stamped", "tai64nlocal"),
];

/** Measures on as many megabytes, in as many rounds as the arguments say. */
export async function measure(suites: readonly Suite[], args: readonly string[]): Promise<void> {
  const [megabytes = 200, rounds = 5] = args.map(Number);
  await using bench = new Bench();
  const make = async (name: string, least: number, most: number, share: number): Promise<void> => {
    const options = `-v size=${megabytes * share * 1e6} -v least=${least} -v most=${most}`;
    const command = `awk ${options} '${INPUT}' >${bench.join(name)}`;
    await bench.time(["/bin/sh", "-c", command]);
  };
  await make("input", 40, 159, 1);
  await make("short", 19, 19, 0.25);
  await make("longer", 199, 199, 1);
  await make("long", 1999, 1999, 1);
  const stamp = `exec "$0" <input >stamped`;
  await bench.time(["/bin/sh", "-c", stamp, `${suites[0]!.path}/tai64n`]);
  const title = `${megabytes} MB (lines of 20 bytes: a quarter), ms`;
  const table = new Table(title, smallest, REASONS);
  for (let round = 0; round < rounds; round++) {
    for (const { row, input, sizes, commands } of CASES) {
      for (const suite of suites) {
        const command = commands[suite.name];
        if (command === undefined) continue;
        await bench.time(["/bin/sh", "-c", "rm -rf log; mkdir log"]);
        if (suite.name === "runit") Deno.writeTextFileSync(bench.join("log/config"), sizes ?? "");
        const options = suite.path === undefined ? {} : { path: suite.path };
        const argv = ["/bin/sh", "-c", `exec ${command}`];
        const taken = await bench.time(argv, { ...options, input: bench.join(input) });
        table.add(row, suite.name, taken, 0);
      }
    }
  }
  table.print();
}
