/** What our programs take to start and to run, beside a compiled program that does nothing. */

import { Bench, print, waitFor } from "./lib/common.ts";
import { endedChildrenTime, memoryOf, privateMemory } from "./lib/costs.ts";
import type { Suite } from "./lib/suites.ts";
import { quantile } from "./lib/table.ts";

/** What is measured, and how. */
export const about =
  "Whole runs, taking turns: time and processor time, in milliseconds; a quarter of the runs took less. `bare` is an empty program compiled " +
  "with the same Deno and no flags. Memory is private memory without clean pages of files, in MB, while the program waits for " +
  "something, beside another one that does the same.";

/** Compiles an empty program, and one that waits. */
async function compileBare(bench: Bench): Promise<void> {
  const script = `. scripts/lib/toolchain.sh; toolchain; cd "$1"
for name in bare waits; do
  deno_compile "$BASE_RUNTIME" --no-config --allow-all --no-code-cache --output $name $name.js
done`;
  Deno.writeTextFileSync(bench.join("bare.js"), "Deno.exit(0);\n");
  Deno.writeTextFileSync(bench.join("waits.js"), "Deno.stdin.readSync(new Uint8Array(1));\n");
  await bench.time(["/bin/sh", "-euc", script, "sh", bench.directory], { cwd: Deno.cwd() });
}

const FILES = ["bare", "waits", "daemontools"];
/** After so many rounds all files are read anew. */
const ROUNDS_PER_READING = 10;

/**
 * Has all files read anew, from the disk. How a file lies in memory makes a difference of up to a
 * millisecond, and is a matter of chance.
 */
async function readAnew(bench: Bench): Promise<void> {
  for (const name of FILES) {
    const read = 'sync "$0"; dd if="$0" iflag=nocache count=0; cat "$0" >/dev/null';
    await bench.time(["/bin/sh", "-euc", read, bench.join(name)]);
  }
}

/** What one run of a command takes, in milliseconds: a quarter of the runs took less. */
interface Cost {
  readonly wall: number;
  readonly processor: number;
}

async function costs(
  bench: Bench,
  commands: ReadonlyMap<string, string>,
  rounds: number,
): Promise<Map<string, Cost>> {
  const taken = new Map([...commands.keys()].map((name) => [name, [] as Cost[]]));
  for (let round = 0; round < rounds; round++) {
    if (round % ROUNDS_PER_READING === 0) await readAnew(bench);
    for (const [name, command] of commands) {
      const before = endedChildrenTime();
      const wall = await bench.time(["/bin/sh", "-c", `${command} 2>/dev/null; :`]);
      taken.get(name)!.push({ wall, processor: endedChildrenTime() - before });
    }
  }
  return new Map([...taken].map(([name, runs]) => [name, {
    wall: quantile(runs.map(({ wall }) => wall), 0.25),
    processor: quantile(runs.map(({ processor }) => processor), 0.25),
  }]));
}

/** Private memory of a command that waits, in MB, where another one does the same. */
async function memory(bench: Bench, command: string): Promise<number> {
  const pids = [1, 2].map(() => bench.start(["/bin/sh", "-c", command]));
  let last = 0;
  // Until they have grown to what they need.
  await waitFor("a program to wait", () => {
    const [before, now] = [last, memoryOf(pids).pss];
    last = now;
    return now > 10 && now === before;
  }, { everyMs: 200 });
  const megabytes = privateMemory(pids[0]!);
  for (const pid of pids) Deno.kill(pid, "SIGKILL");
  return megabytes;
}

/** Measures in as many rounds as the argument says. */
export async function measure(suites: readonly Suite[], args: readonly string[]): Promise<void> {
  await using bench = new Bench();
  const ours = suites[0]!.path!;
  await compileBare(bench);
  await bench.time(["cp", `${ours}/../daemontools`, bench.join("daemontools")]);
  const [tools, env] = [bench.join("daemontools"), bench.join("env")];
  Deno.mkdirSync(env);
  Deno.symlinkSync(tools, bench.join("setlock"));
  const runs = await costs(
    bench,
    new Map([
      ["bare", bench.join("bare")],
      ["--version", `${tools} --version`],
      ["svok", `${tools} svok ${env}`],
      ["svstat", `${tools} svstat ${env}`],
      ["svc", `${tools} svc -u ${env}`],
      ["envdir", `${tools} envdir ${env} /bin/true`],
      ["envuidgid", `${tools} envuidgid root /bin/true`],
      ["fghack", `${tools} fghack /bin/true`],
      ["pgrphack", `${tools} pgrphack /bin/true`],
      ["setlock", `${tools} setlock ${bench.join("lock")} /bin/true`],
      ["setuidgid", `${tools} setuidgid root /bin/true`],
      ["softlimit", `${tools} softlimit -o 64 /bin/true`],
      ["true", "/bin/true"],
    ]),
    Number(args[0] ?? 100),
  );
  const lock = bench.join("held");
  bench.start(["flock", lock, "sleep", "1000000"]);
  await waitFor("the lock", () => bench.processes().length >= 2);
  const full = "( exec 3<>full; yes >&3 & sleep 0.3; kill $! )";
  await bench.time(["mkfifo", bench.join("full"), bench.join("never")]);
  bench.start(["/bin/sh", "-c", "exec 3<>full 4<>never; exec sleep 1000000"]);
  await bench.time(["/bin/sh", "-c", full]);
  const held = new Map<string, number>();
  const waiting: [name: string, command: string][] = [
    ["bare", `exec ${bench.join("waits")} <never`],
    ["--version", `exec ${tools} --version >full`],
    ["svstat", `exec ${tools} svstat ${env} >full`],
    ["setlock", `exec ${tools} setlock ${lock} true`],
    ["envdir", `exec ${tools} envdir ${env} ${bench.join("setlock")} ${lock} true`],
  ];
  for (const [name, command] of waiting) held.set(name, await memory(bench, command));
  const of = (name: string, what: keyof Cost): number =>
    // What chain programs run is not theirs.
    runs.get(name)![what] - (CHAIN.has(name) ? runs.get("true")![what] : 0);
  const cells = (value: number, bare: number): string =>
    `${value.toFixed(1)} | ${(value - bare).toFixed(1)}`;
  const head = "program | ms | above bare | processor, ms | above bare | private MB";
  print(`| ${head} | above bare |\n|---|${"---:|".repeat(6)}`);
  for (const name of runs.keys()) {
    if (name === "true") continue;
    const memories = held.get(name);
    print(`| ${
      [
        name,
        cells(of(name, "wall"), of("bare", "wall")),
        cells(of(name, "processor"), of("bare", "processor")),
        memories === undefined ? "- | -" : cells(memories, held.get("bare")!),
      ].join(" | ")
    } |`);
  }
  print("");
}

const CHAIN = new Set([
  "envdir",
  "envuidgid",
  "fghack",
  "pgrphack",
  "setlock",
  "setuidgid",
  "softlimit",
]);
