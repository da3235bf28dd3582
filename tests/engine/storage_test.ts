/** Supervision of services whose storage does not answer. */

import { assertEquals } from "@std/assert";
import { SIGNAL } from "../../src/base/signals.ts";
import type { Urgency } from "../../src/reactor/reactor.ts";
import type { Event } from "../../src/supervision/transitions.ts";
import { Engine } from "./engine.ts";

/** An engine whose devices answer when a test says so. */
class SickEngine extends Engine {
  /** What waits for the storage. */
  readonly waiting: (() => void)[] = [];
  #isSick = false;

  /** Makes an engine whose storage is well. */
  constructor() {
    super();
    const whenReady = (_file: unknown, action: () => void) => {
      if (this.#isSick) this.waiting.push(action);
      else action();
    };
    Object.assign(this.host.storage, { whenReady });
  }

  /** From now on the storage does not answer. */
  fallIll(): void {
    this.#isSick = true;
  }

  /** The storage answers again: what has waited is done. */
  recover(): void {
    this.#isSick = false;
    for (const action of this.waiting.splice(0)) action();
  }
}

Deno.test("a service whose storage hangs makes no call, and catches up in order", async () => {
  const engine = new SickEngine();
  const supervisor = engine.supervise();
  const { pid } = supervisor;
  const before = engine.fake.started.length;
  engine.fallIll();
  engine.fake.endProcess(pid);
  await engine.pass(5000);
  const letters: Event[] = ["d", "t", "u"];
  for (const letter of letters) supervisor.handle(letter);
  await engine.pass(5000);
  assertEquals([supervisor.state, supervisor.pid, engine.fake.started.length], ["up", pid, before]);
  engine.recover();
  await engine.pass(1000);
  assertEquals([supervisor.state, supervisor.want], ["up", "up"]);
  assertEquals(engine.fake.started.length, before + 1);
});

Deno.test("a process that has ended while its storage hangs gets no signal", async () => {
  const engine = new SickEngine();
  const supervisor = engine.supervise();
  const { pid } = supervisor;
  engine.fallIll();
  supervisor.handle("k");
  engine.fake.endProcess(pid);
  await engine.settle();
  const stranger = engine.fake.reusePid(pid);
  engine.recover();
  await engine.settle();
  assertEquals(stranger.signals.includes(SIGNAL.KILL), false);
});

Deno.test("who dies again and again comes last, after letters and what has run for long", async () => {
  const engine = new Engine();
  const urgencies: (Urgency | undefined)[] = [];
  const whenReady = (_file: unknown, action: () => void, urgency?: Urgency) => {
    urgencies.push(urgency);
    action();
  };
  Object.assign(engine.host.storage, { whenReady });
  const supervisor = engine.supervise();
  await engine.pass(20_000);
  engine.fake.endProcess(supervisor.pid);
  await engine.pass(100);
  assertEquals(urgencies.splice(0), ["soon"]);
  engine.fake.endProcess(supervisor.pid);
  await engine.pass(2000);
  assertEquals(urgencies.splice(0), ["later", "later"]);
  engine.fake.feed("/s/supervise/control", "t");
  await engine.pass(100);
  assertEquals(urgencies, ["now"]);
});
