/** What our programs take to start and to run, beside a compiled program that does nothing. */

import { Bench, memoryOf, print, privateMemory, quantile, waitFor } from "./lib/common.ts";
import type { Suite } from "./lib/suites.ts";

/** What is measured, and how. */
export const about =
  "Whole runs, taking turns, in milliseconds; a quarter of the runs took less: `bare` is an empty program compiled " +
  "with the same Deno and no flags. Memory is private memory, in MB, while the program waits for " +
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

/** The time of one run of each command, in milliseconds: a quarter of the runs took less. */
async function times(
  bench: Bench,
  commands: ReadonlyMap<string, string>,
  rounds: number,
): Promise<Map<string, number>> {
  const taken = new Map([...commands].map(([name]) => [name, [] as number[]]));
  for (let round = 0; round < rounds; round++) {
    for (const [name, command] of commands) {
      taken.get(name)!.push(await bench.time(["/bin/sh", "-c", `${command} 2>/dev/null; :`]));
    }
  }
  return new Map([...taken].map(([name, values]) => [name, quantile(values, 0.25)]));
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
  // As ours are used: from files that lie in memory as a copy leaves them.
  await bench.time(["cp", `${ours}/../daemontools`, bench.join("daemontools")]);
  for (const name of ["bare", "waits"]) {
    await bench.time(["cp", bench.join(name), bench.join(`${name}.copy`)]);
    Deno.renameSync(bench.join(`${name}.copy`), bench.join(name));
  }
  const [tools, env] = [bench.join("daemontools"), bench.join("env")];
  Deno.mkdirSync(env);
  Deno.symlinkSync(tools, bench.join("setlock"));
  const runs = await times(
    bench,
    new Map([
      ["bare", bench.join("bare")],
      ["--version", `${tools} --version`],
      ["svok", `${tools} svok ${env}`],
      ["svstat", `${tools} svstat ${env}`],
      ["svc", `${tools} svc -u ${env}`],
      ["envdir", `${tools} envdir ${env} /bin/true`],
      ["envuidgid", `${tools} envuidgid root /bin/true`],
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
  const program = (name: string): number =>
    // What chain programs run is not theirs.
    runs.get(name)! - (CHAIN.has(name) ? runs.get("true")! : 0);
  print("| program | ms | above bare | private MB | above bare |\n|---|---:|---:|---:|---:|");
  for (const name of runs.keys()) {
    if (name === "true") continue;
    const [ms, mb] = [program(name), held.get(name)];
    const above = (ms - program("bare")).toFixed(1);
    const memories = mb === undefined
      ? "- | -"
      : `${mb.toFixed(1)} | ${(mb - held.get("bare")!).toFixed(1)}`;
    print(`| ${name} | ${ms.toFixed(1)} | ${above} | ${memories} |`);
  }
  print("");
}

const CHAIN = new Set(["envdir", "envuidgid", "pgrphack", "setlock", "setuidgid", "softlimit"]);
