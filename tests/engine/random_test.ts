/**
 * The scan under random events, with calls that fail at random, on a fake kernel. Whatever
 * happens, no service runs twice; when the trouble is over, everything is as it should be, and at
 * the end nothing is left.
 *
 * Each case prints its seed when it fails; `DAEMONTOOLS_TEST_SEED=N` runs that one alone.
 */

import { assert, assertEquals } from "@std/assert";
import { decode } from "../../src/base/bytes.ts";
import { ERRNO, type ErrnoName } from "../../src/base/errno.ts";
import { SIGNAL } from "../../src/base/signals.ts";
import { decodeStatus } from "../../src/base/status_record.ts";
import { SystemError } from "../../src/base/system_error.ts";
import { Children } from "../../src/reactor/children.ts";
import { Reactor } from "../../src/reactor/reactor.ts";
import type { SupervisionHost } from "../../src/supervision/host.ts";
import { Scan } from "../../src/supervision/scan.ts";
import { Shutdown } from "../../src/supervision/shutdown.ts";
import { DeviceQueues } from "../../src/supervision/storage.ts";
import { Random } from "../torture/random.ts";
import { FakeKernel, type FakeProcess } from "./fake_kernel.ts";

const ONE_SEED = Deno.env.get("DAEMONTOOLS_TEST_SEED");
const SEEDS = ONE_SEED === undefined
  ? Array.from({ length: 40 }, (_, index) => index + 1)
  : [Number(ONE_SEED)];
const STEPS = 150;
const NAMES = ["a", "b", "c", "d"];
const ERRORS: readonly ErrnoName[] = ["ENOSPC", "EMFILE", "EIO", "EAGAIN", "ENOMEM"];
/** Calls that cannot fail, or whose failure means what it says: there is no such thing. */
const SAFE = [
  "pid",
  "drainWatch",
  "bytesWaiting",
  "close",
  "now",
  "monotonicMs",
  "onSignal",
  "reap",
  "bootId",
  "collectGarbage",
  "bootTicks",
  "sessionId",
];
const SETTINGS: Readonly<Record<string, readonly string[]>> = {
  backoff: ["3000", "10000", "nonsense"],
  finish: [""],
  "max-restarts": ["2 5000", "0 1000"],
  "permanent-exit": ["100"],
  "timeout-kill": ["500", "0"],
  down: [""],
};

/** A scan in a world that goes its own way. */
class World {
  readonly fake = new FakeKernel();
  readonly random: Random;
  /** What was thrown where nobody expected it. */
  readonly bugs: unknown[] = [];
  scan: Scan;
  shutdown: Shutdown | undefined;
  #host: SupervisionHost;
  readonly #rare: Readonly<Record<"kill" | "remove" | "wipe", number>>;
  #failureRate = 0;
  /** Looks at storage that hangs. */
  readonly #unanswered: (() => void)[] = [];

  /**
   * Makes a world.
   *
   * @param kills whether the scan is killed now and then. Then no call fails, and nothing is
   *   removed: where there are no records, nobody can know what an earlier scan has left.
   */
  constructor(seed: number, kills: boolean) {
    this.random = new Random(seed);
    this.#rare = kills ? { kill: 1, remove: 0, wipe: 0 } : { kill: 0, remove: 1, wipe: 1 };
    this.fake.onCall = (call) => void (call === "watch" && this.#maybeFail(call));
    this.fake.addDirectory("/service");
    this.fake.addDirectory("/hidden");
    this.#host = this.#newHost();
    this.scan = this.#newScan();
  }

  #newHost(): SupervisionHost {
    const kernel = new Proxy(this.fake, {
      get: (fake, name) => {
        const value = Reflect.get(fake, name, fake);
        if (typeof value !== "function") return value;
        return (...args: unknown[]) => {
          // A FIFO can always be read.
          const isFifo = name === "read" && this.fake.statFd(Number(args[0])).kind === "fifo";
          try {
            if (!isFifo) this.#maybeFail(String(name));
          } catch (error) {
            // What cannot be kept is closed.
            if (name === "keep") this.fake.close(Number(args[0]));
            throw error;
          }
          return Reflect.apply(value, fake, args);
        };
      },
    });
    const onError = (error: unknown) => void this.bugs.push(error);
    const reactor = new Reactor(this.fake.newPoller(), this.fake, onError);
    const children = new Children(kernel, reactor, { limits: [], descriptors: [] });
    // Storage answers at once, much later, or not before all is well again.
    const look = () =>
      new Promise<void>((answer) => {
        if (!this.random.chance(this.#failureRate)) answer();
        else if (this.random.chance(0.2)) this.#unanswered.push(answer);
        else reactor.after(this.random.below(3000), answer);
      });
    const looks = { touchLater: look, statLater: look, renameToItselfLater: look };
    const storage = new DeviceQueues(looks, reactor);
    return { kernel, reactor, children, environment: [], report: () => {}, storage };
  }

  #newScan(): Scan {
    const directoryFd = this.fake.openDirectory(-100, "/service");
    return new Scan(this.#host, directoryFd, () => this.shutdown?.proceed());
  }

  /** Kills the scan, and lets another take its place. */
  replace(): void {
    this.fake.killEngine();
    this.#host = this.#newHost();
    this.scan = this.#newScan();
    this.scan.begin();
  }

  #maybeFail(call: string): void {
    if (SAFE.includes(call) || !this.random.chance(this.#failureRate)) return;
    throw new SystemError(call, ERRNO[this.random.pick(ERRORS)]);
  }

  fail(rate: number): void {
    this.#failureRate = rate;
    if (rate === 0 && this.random.chance(0.3)) this.recover();
  }

  /** Lets storage answer that hangs. */
  recover(): void {
    for (const answer of this.#unanswered.splice(0)) answer();
  }

  async pass(timeMs: number): Promise<void> {
    let isOver = false;
    this.#host.reactor.after(timeMs, () => isOver = true);
    await this.#host.reactor.run(() => isOver);
  }

  beginShutdown(): void {
    this.shutdown = new Shutdown(this.#host, this.scan);
  }

  exists(path: string): boolean {
    try {
      this.fake.stat(-100, path);
      return true;
    } catch {
      return false;
    }
  }

  /** Lets something happen. */
  step(): void {
    const { fake, random } = this;
    const name = random.pick(NAMES);
    const service = `/service/${name}`;
    const place = random.chance(0.5) ? service : `${service}/log`;
    switch (
      random.weighted({
        ...this.#rare,
        end: 6,
        letter: 6,
        add: 3,
        hide: 1,
        set: 3,
        obey: 4,
        fork: 2,
      })
    ) {
      case "end": {
        const pids = [...fake.running.keys()];
        if (pids.length > 0) fake.endProcess(random.pick(pids), random.pick([0, 9, 100 << 8]));
        break;
      }
      case "fork":
        this.goToBackground();
        break;
      case "kill":
        this.replace();
        break;
      case "obey":
        this.endTold();
        break;
      case "letter":
        if (this.exists(`${place}/supervise/control`)) {
          fake.feed(`${place}/supervise/control`, random.pick([..."udopchaitkx"]));
        }
        break;
      case "add":
        if (this.exists(`/hidden/${name}`) && !this.exists(service)) {
          fake.move(`/hidden/${name}`, service);
        } else fake.addDirectory(random.chance(0.5) ? service : `${service}/log`);
        fake.addFile(`${service}/run`);
        if (random.chance(0.5)) fake.addFile(`${service}/notify-socket`);
        break;
      case "hide":
        if (this.exists(service) && !this.exists(`/hidden/${name}`)) {
          fake.move(service, `/hidden/${name}`);
        }
        break;
      case "remove":
        fake.remove(service);
        break;
      case "wipe":
        fake.remove(`${place}/supervise`);
        break;
      case "set": {
        const file = random.pick(Object.keys(SETTINGS));
        if (!this.exists(service)) break;
        if (random.chance(0.5)) fake.remove(`${service}/${file}`);
        else fake.addFile(`${service}/${file}`, random.pick(SETTINGS[file]!));
        break;
      }
    }
    if (random.chance(0.7)) fake.noticeChange();
  }

  /**
   * Lets a service go to the background and name itself. Not where calls fail: it would not be heard
   * then, and run unsupervised, as it does without that.
   */
  goToBackground(): void {
    if (this.#rare.kill === 0) return;
    const isNotified = ({ plan }: FakeProcess): boolean =>
      plan.path === "./run" && plan.environment.some((each) => decode(each).startsWith("NOTIFY_"));
    const followed = [...this.scan.services].map(({ main }) => main?.pid);
    const able = [...this.fake.running.values()].filter((each) =>
      isNotified(each) && followed.includes(each.pid)
    );
    if (able.length === 0) return;
    const first = this.random.pick(able);
    const next = this.fake.fork(first.pid);
    this.fake.notify(first.pid, first, `MAINPID=${next.pid}\nREADY=1`);
    this.fake.endProcess(first.pid);
  }

  /** Lets processes end that were told to. */
  endTold(): void {
    for (const { pid, signals } of [...this.fake.running.values()]) {
      const told = signals.find((signal) => signal === SIGNAL.TERM || signal === SIGNAL.KILL);
      if (told !== undefined) this.fake.endProcess(pid, told);
    }
  }

  /** The directories in which something runs, by their inodes. */
  directoriesInUse(): bigint[] {
    return [...this.fake.running.keys()].map((pid) =>
      this.fake.stat(-100, `/proc/${pid}/cwd`).inode
    );
  }
}

/** The services and loggers that are to run. */
function wantedIn(world: World): string[] {
  return NAMES.flatMap((name) => [`/service/${name}`, `/service/${name}/log`])
    .filter((path) => world.exists(path));
}

for (const seed of SEEDS) {
  const kills = seed % 2 === 1;
  const what = kills ? "kills" : "failures";
  Deno.test(`a scan survives random events and ${what}, seed ${seed}`, async () => {
    const world = new World(seed, kills);
    const { fake } = world;
    world.scan.begin();
    for (let step = 0; step < STEPS; step++) {
      world.fail(!kills && world.random.chance(0.3) ? 0.1 : 0);
      world.step();
      await world.pass(world.random.below(1500));
      const used = world.directoriesInUse();
      assertEquals(new Set(used).size, used.length, `a second process, seed ${seed} step ${step}`);
    }
    world.fail(0);
    world.recover();
    assertEquals(world.bugs, [], `seed ${seed}`);

    // All is well again, and everything is asked for.
    for (const name of NAMES) {
      // What is out of sight goes on, until it is removed.
      fake.remove(`/hidden/${name}`);
      for (const file of Object.keys(SETTINGS)) fake.remove(`/service/${name}/${file}`);
      if (world.exists(`/service/${name}`)) fake.addFile(`/service/${name}/run`);
    }
    for (let round = 0; round < 30; round++) {
      world.endTold();
      for (const process of fake.running.values()) {
        // What was left of directories that are gone ends some day.
        const isListed = wantedIn(world).some((path) =>
          fake.stat(-100, path).inode === fake.stat(-100, `/proc/${process.pid}/cwd`).inode
        );
        if (!isListed || process.plan.path === "./finish") fake.endProcess(process.pid);
      }
      for (const path of wantedIn(world)) {
        if (world.exists(`${path}/supervise/control`)) {
          fake.feed(`${path}/supervise/control`, "uc");
        }
      }
      await world.pass(6000);
    }
    const inodes = new Set(wantedIn(world).map((path) => fake.stat(-100, path).inode));
    assertEquals(new Set(world.directoriesInUse()), inodes, `seed ${seed}`);
    for (const path of wantedIn(world)) {
      const { pid, want } = decodeStatus(fake.contents(`${path}/supervise/status`)!);
      assert(fake.running.has(pid) && want === "up", `status of ${path}, seed ${seed}`);
    }
    const held = [...world.scan.services].map((service) => service.descriptorCount);
    // Beside the services: their directory, and the watch of it, if there could be one.
    const others = fake.open.size - 1 - held.reduce((sum, count) => sum + count, 0);
    assert(others === 0 || others === 1, `${others} descriptors too many, seed ${seed}`);

    world.beginShutdown();
    for (let round = 0; round < 50 && !world.shutdown!.finished; round++) {
      world.endTold();
      await world.pass(500);
    }
    assertEquals([world.shutdown!.finished, fake.running.size], [true, 0], `seed ${seed}`);
    assertEquals(world.bugs, [], `seed ${seed}`);
  });
}
