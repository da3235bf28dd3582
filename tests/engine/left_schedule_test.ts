/** Services that keep dying, under supervisors that are killed. On a fake kernel. */

import { assertEquals } from "@std/assert";
import { SIGNAL } from "../../src/base/signals.ts";
import type { Supervisor } from "../../src/supervision/supervisor.ts";
import { Engine } from "./engine.ts";

/** Kills the supervisor, and lets another go on a little later. */
async function replace(engine: Engine): Promise<{ engine: Engine; supervisor: Supervisor }> {
  const next = engine.replace();
  await next.pass(20);
  return { engine: next, supervisor: next.supervise() };
}

Deno.test("a pause after many deaths goes on under the next supervisor, and grows", async () => {
  let engine = new Engine();
  engine.fake.addDirectory("/s");
  engine.fake.addFile("/s/backoff", "60000");
  let supervisor = engine.supervise();
  const pauses: number[] = [];
  for (let death = 0; death < 6; death++) {
    await engine.pass(500);
    engine.fake.endProcess(supervisor.pid, 1 << 8);
    const diedMs = engine.fake.timeMs;
    await engine.settle();
    ({ engine, supervisor } = await replace(engine));
    assertEquals(supervisor.state, "waiting");
    while (supervisor.state === "waiting") await engine.pass(50);
    pauses.push(Math.round((engine.fake.timeMs - diedMs) / 100) * 100);
    // Killed while the service runs, too.
    ({ engine, supervisor } = await replace(engine));
    assertEquals(supervisor.state, "up");
  }
  // A supervisor that took the process over cannot know what it ended with, only that.
  assertEquals(pauses, [1000, 2000, 4000, 8000, 16_000, 32_000]);
});

Deno.test("restarts are counted on under the next supervisor", async () => {
  let engine = new Engine();
  engine.fake.addDirectory("/s");
  engine.fake.addFile("/s/max-restarts", "3 100000");
  let supervisor = engine.supervise();
  for (let death = 0; death < 4; death++) {
    await engine.pass(2000);
    engine.fake.endProcess(supervisor.pid, 1 << 8);
    await engine.settle();
    ({ engine, supervisor } = await replace(engine));
  }
  assertEquals([supervisor.state, supervisor.want], ["down", "down"]);
  // Told up it begins anew, also after that.
  supervisor.handle("u");
  ({ engine, supervisor } = await replace(engine));
  for (let death = 0; death < 3; death++) {
    await engine.pass(2000);
    engine.fake.endProcess(supervisor.pid, 1 << 8);
    await engine.settle();
    ({ engine, supervisor } = await replace(engine));
    assertEquals(supervisor.state, "up");
  }
  await engine.pass(2000);
  engine.fake.endProcess(supervisor.pid, 1 << 8);
  await engine.settle();
  assertEquals(supervisor.state, "down");
});

Deno.test("ends by the watchdog are deaths, also under the next supervisor", async () => {
  let engine = new Engine();
  engine.fake.addDirectory("/s");
  const files = { "notify-socket": "", watchdog: "1000", "max-restarts": "2 60000" };
  for (const [name, text] of Object.entries(files)) engine.fake.addFile(`/s/${name}`, text);
  let supervisor = engine.supervise();
  await engine.settle();
  for (let end = 0; end < 3; end++) {
    assertEquals(supervisor.state, "up");
    await engine.pass(1001);
    engine.fake.endProcess(supervisor.pid, SIGNAL.ABRT);
    await engine.pass(1000);
    if (end === 1) ({ engine, supervisor } = await replace(engine));
  }
  assertEquals([supervisor.state, supervisor.want], ["down", "down"]);
});

Deno.test("deaths before the system was started do not count, nor ends that were asked for", async () => {
  let engine = new Engine();
  engine.fake.addDirectory("/s");
  engine.fake.addFile("/s/backoff", "60000");
  let supervisor = engine.supervise();
  for (let death = 0; death < 4; death++) {
    await engine.pass(1500);
    supervisor.handle("t");
    engine.fake.endProcess(supervisor.pid, 15);
    await engine.settle();
    ({ engine, supervisor } = await replace(engine));
    assertEquals(supervisor.state, "up");
  }
  for (let death = 0; death < 4; death++) {
    engine.fake.endProcess(supervisor.pid, 1 << 8);
    await engine.settle();
    while (supervisor.state !== "up") await engine.pass(100);
  }
  engine.fake.endProcess(supervisor.pid, 1 << 8);
  await engine.settle();
  engine.fake.reboot();
  ({ engine, supervisor } = await replace(engine));
  assertEquals(supervisor.state, "up");
});

Deno.test("a clock that was set does not change the pause that is due", async () => {
  for (const hours of [-5, 5]) {
    let engine = new Engine();
    engine.fake.addDirectory("/s");
    engine.fake.addFile("/s/backoff", "60000");
    let supervisor = engine.supervise();
    for (let death = 0; death < 3; death++) {
      engine.fake.endProcess(supervisor.pid, 1 << 8);
      await engine.settle();
      while (supervisor.state !== "up") await engine.pass(100);
    }
    engine.fake.endProcess(supervisor.pid, 1 << 8);
    await engine.settle();
    const diedMs = engine.fake.timeMs;
    engine.fake.wallClockMs += hours * 3_600_000;
    ({ engine, supervisor } = await replace(engine));
    while (supervisor.state === "waiting") await engine.pass(50);
    assertEquals(Math.round((engine.fake.timeMs - diedMs) / 100), 80, `${hours} hours`);
  }
});

Deno.test("a death between two supervisors counts", async () => {
  const before = new Engine();
  before.fake.addDirectory("/s");
  before.fake.addFile("/s/max-restarts", "1 100000");
  before.fake.addFile("/s/backoff", "60000");
  const { pid } = before.supervise();
  await before.pass(500);
  const engine = before.replace();
  engine.fake.endProcess(pid, 1 << 8);
  const supervisor = engine.supervise();
  await engine.pass(900);
  assertEquals(supervisor.state, "waiting");
  await engine.pass(200);
  assertEquals(supervisor.state, "up");
  engine.fake.endProcess(supervisor.pid, 1 << 8);
  await engine.settle();
  assertEquals([supervisor.state, supervisor.want], ["down", "down"]);
});
