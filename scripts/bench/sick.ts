/** Restarts and commands while one service's disk hangs, or one service takes all processes. */

import { attempt, Bench, exists, kill, print, sleep, waitFor } from "./lib/common.ts";
import type { Suite } from "./lib/suites.ts";
import { quantile, Table } from "./lib/table.ts";

/** What is measured, and how. */
export const about =
  "Ten services that sleep, with loggers, beside others that are in trouble: from " +
  "`kill -9` of a sound service's process, and from `svc -t`, until that service runs again; the " +
  "median and the largest of 10, in milliseconds; a value that stands for nothing within 20 s is " +
  "20000. *Frozen disk*: four services that write and die all the time, and their logs, are on an " +
  "ext4 that is frozen for 20 s. *Fork bomb*: svscan, its services and one that starts processes " +
  "without end are in a cgroup with `pids.max`, which leaves 40 for the bomb.";

const SOUND = Array.from({ length: 10 }, (_, index) => `sound${index}`);
const SICK = Array.from({ length: 4 }, (_, index) => `sick${index}`);
const FREEZE_SECONDS = 20;
const ROOM = 40;
const LONGEST_MS = 20_000;

/** Services of one suite, with a count of the starts of each. */
class Services {
  readonly directory: string;

  constructor(readonly bench: Bench, readonly suite: Suite) {
    this.directory = bench.join("service");
    Deno.mkdirSync(this.directory);
    const program = bench.serviceProgram("sleep");
    const script = (name: string) => `${this.#telling(name)}exec ${program} 1000000\n`;
    suite.prepare(this.directory, SOUND.map((name) => ({ name, script: script(name) })));
  }

  #telling(name: string): string {
    return `printf . >>${this.#file(name)}\n`;
  }

  #file(name: string): string {
    return this.bench.join(`starts.${name}`);
  }

  /** Adds services whose directories are elsewhere. */
  addAt(directory: string, names: readonly string[], script: string): void {
    Deno.mkdirSync(directory);
    const services = names.map((name) => ({ name, script: this.#telling(name) + script }));
    this.suite.prepare(directory, services);
    for (const name of names) {
      Deno.symlinkSync(`${directory}/${name}`, `${this.directory}/${name}`);
    }
  }

  /** How often a service was started by now. */
  starts(name: string): number {
    return exists(this.#file(name)) ? Deno.statSync(this.#file(name)).size : 0;
  }

  pidOf(name: string): number {
    const bytes = Deno.readFileSync(`${this.directory}/${name}/supervise/status`);
    return new DataView(bytes.buffer).getUint32(12, true);
  }

  async svc(letters: string, name: string): Promise<void> {
    const tools = this.suite.path ?? "/usr/bin";
    await this.bench.time([`${tools}/svc`, letters, `${this.directory}/${name}`]);
  }

  /** Watches all, and waits until they run and none is deaf any more. */
  async watch(prelude = ""): Promise<void> {
    const command = `${prelude}${this.suite.watch(this.directory)}`;
    const options = this.suite.path === undefined ? {} : { path: this.suite.path };
    this.bench.start(["/bin/sh", "-c", command], options);
    await waitFor("all services", () => SOUND.every((name) => this.starts(name) > 0));
    await sleep(3000);
  }

  /** Has sound services start again, and notes how long that takes. */
  async measure(table: Table, phase: string): Promise<void> {
    const ways = {
      "kill -9": (name: string) => Promise.resolve(kill(this.pidOf(name), "SIGKILL")),
      "svc -t": (name: string) => this.svc("-t", name),
    };
    for (const [way, act] of Object.entries(ways)) {
      const took: number[] = [];
      for (const name of SOUND) {
        const before = this.starts(name);
        const begun = performance.now();
        await act(name);
        const isNew = () => this.starts(name) > before;
        await waitFor(name, isNew, { everyMs: 0.5, withinMs: LONGEST_MS }).catch(() => {});
        took.push(Math.min(performance.now() - begun, LONGEST_MS));
        // What was started less than a second ago has to wait.
        await sleep(150);
      }
      table.add(`${way}, ${phase}, median`, this.suite.name, quantile(took));
      table.add(`${way}, ${phase}, largest`, this.suite.name, Math.max(...took));
    }
  }
}

async function measureFrozenDisk(suite: Suite, table: Table): Promise<void> {
  await using bench = new Bench();
  const services = new Services(bench, suite);
  const disk = await bench.mountImage("disk", 64);
  services.addAt(
    `${disk}/services`,
    SICK,
    "for n in 1 2 3 4 5 6 7 8 9; do echo line $n; done\necho >>data\nsleep 0.2\n",
  );
  await services.watch();
  await services.measure(table, "before");
  const sickStarts = () => SICK.map((name) => services.starts(name));
  let isThawed = false;
  const thawed = bench.freeze(disk, FREEZE_SECONDS).then(() => void (isThawed = true));
  await sleep(1000);
  const frozen = sickStarts();
  await services.measure(table, "frozen");
  if (isThawed) print(`${suite.name}: the disk was thawed before all was measured.`);
  await thawed;
  const restarted = () => sickStarts().every((count, index) => count > frozen[index]! + 1);
  const took = await waitFor("what was frozen", restarted);
  table.add("from the thaw until all that was frozen was restarted", suite.name, took);
  await services.measure(table, "after");
}

/** Where a cgroup with a limit of processes can be made; undefined where it cannot. */
function pidsHierarchy(): string | undefined {
  const mounts = Deno.readTextFileSync("/proc/self/mounts").split("\n").map((line) =>
    line.split(" ")
  );
  const old = mounts.find(([, , type, options]) =>
    type === "cgroup" && options?.split(",").includes("pids")
  );
  if (old !== undefined) return old[1];
  const place = mounts.find(([, , type]) => type === "cgroup2")?.[1];
  if (place === undefined) return undefined;
  const controllers = Deno.readTextFileSync(`${place}/cgroup.controllers`).trim().split(" ");
  if (!controllers.includes("pids")) return undefined;
  Deno.writeTextFileSync(`${place}/cgroup.subtree_control`, "+pids");
  return place;
}

/** A cgroup with a limit of processes. */
class Cgroup {
  readonly path: string;

  constructor(hierarchy: string) {
    this.path = `${hierarchy}/daemontools-bench-${crypto.randomUUID()}`;
    Deno.mkdirSync(this.path);
  }

  get #pids(): number[] {
    const text = Deno.readTextFileSync(`${this.path}/cgroup.procs`);
    return text.split("\n").filter((line) => line !== "").map(Number);
  }

  get size(): number {
    return Number(Deno.readTextFileSync(`${this.path}/pids.current`));
  }

  limit(count: number | "max"): void {
    Deno.writeTextFileSync(`${this.path}/pids.max`, String(count));
  }

  /** Ends what is in it, and removes it. */
  async remove(): Promise<void> {
    this.limit("max");
    await waitFor("a cgroup to be empty", () => {
      for (const pid of this.#pids) kill(pid, "SIGKILL");
      return this.#pids.length === 0;
    });
    Deno.removeSync(this.path);
  }
}

async function measureForkBomb(suite: Suite, table: Table, hierarchy: string): Promise<void> {
  await using bench = new Bench();
  const cgroup = new Cgroup(hierarchy);
  bench.defer(() => cgroup.remove());
  const services = new Services(bench, suite);
  Deno.copyFileSync(bench.serviceProgram("sleep"), bench.join("bin/bomb"));
  // A shell that goes on when it cannot fork: the limit stays reached.
  const bomb = `exec bash -c 'while :; do ${bench.join("bin/bomb")} 1000000 & done'\n`;
  services.addAt(bench.join("elsewhere"), ["bomb"], bomb);
  Deno.writeTextFileSync(bench.join("elsewhere/bomb/down"), "");
  await services.watch(`echo $$ >${cgroup.path}/cgroup.procs; `);
  await services.measure(table, "before");
  const limit = cgroup.size + ROOM;
  cgroup.limit(limit);
  await services.svc("-o", "bomb");
  await waitFor("the bomb", () => cgroup.size >= limit);
  await services.measure(table, "limit reached");
  if (cgroup.size < limit - ROOM / 4) print(`${suite.name}: the bomb has left room again.`);
  cgroup.limit("max");
  await services.svc("-d", "bomb");
  await services.svc("-k", "bomb");
  await bench.endServices("bomb");
  await sleep(1500);
  await services.measure(table, "after");
}

/** Measures ours and the C tools; the others have no such troubles to compare with. */
export async function measure(suites: readonly Suite[]): Promise<void> {
  if (Deno.uid() !== 0) return print("Only root can freeze a disk, and limit a cgroup.\n");
  const measured = suites.filter(({ name }) => name === "ours" || name === "daemontools");
  const frozen = new Table("frozen disk, ms");
  for (const suite of measured) {
    await attempt(suite.name, () => measureFrozenDisk(suite, frozen));
  }
  frozen.print();
  const hierarchy = pidsHierarchy();
  if (hierarchy === undefined) return print("There is no cgroup with `pids.max` here.\n");
  const bombed = new Table("fork bomb, ms");
  for (const suite of measured) {
    await attempt(suite.name, () => measureForkBomb(suite, bombed, hierarchy));
  }
  bombed.print();
}
