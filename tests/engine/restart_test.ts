/** Services that keep dying: pauses, limits, exits that are meant to stay. On a fake kernel. */

import { assertEquals } from "@std/assert";
import type { Supervisor } from "../../src/supervision/supervisor.ts";
import { Engine } from "./engine.ts";

/** An engine with a service of these settings. */
function supervised(files: Record<string, string>): { engine: Engine; supervisor: Supervisor } {
  const engine = new Engine();
  engine.fake.addDirectory("/s");
  for (const [name, text] of Object.entries(files)) engine.fake.addFile(`/s/${name}`, text);
  return { engine, supervisor: engine.supervise() };
}

/** Lets the process of a service that is up die; returns how long it takes until the next runs. */
async function pauseAfterDeath(engine: Engine, supervisor: Supervisor): Promise<number> {
  const diedMs = engine.fake.timeMs;
  engine.fake.endProcess(supervisor.pid, 1 << 8);
  await engine.settle();
  while (supervisor.state === "waiting") await engine.pass(100);
  return Math.round((engine.fake.timeMs - diedMs) / 100) * 100;
}

Deno.test("Supervisor with backoff pauses ever longer, and no longer than it says", async () => {
  const { engine, supervisor } = supervised({ backoff: "10000\n" });
  const pauses: number[] = [];
  for (let death = 0; death < 6; death++) {
    await engine.pass(500);
    pauses.push(await pauseAfterDeath(engine, supervisor));
  }
  assertEquals(pauses, [1000, 2000, 4000, 8000, 10_000, 10_000]);
  // A run as long as that pause is not a healthy one; a longer one is.
  await engine.pass(9500);
  assertEquals(await pauseAfterDeath(engine, supervisor), 10_000);
  await engine.pass(10_500);
  assertEquals(await pauseAfterDeath(engine, supervisor), 0);
  await engine.pass(500);
  assertEquals(await pauseAfterDeath(engine, supervisor), 1000);
});

Deno.test("Supervisor in a pause starts at once when told u, and stays down when told d", async () => {
  const { engine, supervisor } = supervised({ backoff: "60000" });
  for (let death = 0; death < 5; death++) {
    await engine.pass(100);
    await pauseAfterDeath(engine, supervisor);
  }
  await engine.pass(100);
  engine.fake.endProcess(supervisor.pid);
  await engine.pass(2000);
  assertEquals(supervisor.state, "waiting");
  supervisor.handle("u");
  assertEquals(supervisor.state, "up");
  await engine.pass(100);
  engine.fake.endProcess(supervisor.pid);
  await engine.pass(2000);
  supervisor.handle("d");
  await engine.pass(100_000);
  assertEquals(supervisor.state, "down");
});

Deno.test("Supervisor does not pause for an end that was asked for", async () => {
  const { engine, supervisor } = supervised({ backoff: "60000", "max-restarts": "0 60000" });
  for (let round = 0; round < 5; round++) {
    await engine.pass(1000);
    supervisor.handle("t");
    assertEquals(await pauseAfterDeath(engine, supervisor), 0);
  }
});

Deno.test("Supervisor without backoff keeps to one second", async () => {
  const { engine, supervisor } = supervised({});
  for (let death = 0; death < 20; death++) {
    assertEquals(await pauseAfterDeath(engine, supervisor), 1000);
  }
});

Deno.test("Supervisor with max-restarts gives up, and says so", async () => {
  const { engine, supervisor } = supervised({ "max-restarts": "3 10000\n" });
  for (let death = 0; death < 4; death++) await pauseAfterDeath(engine, supervisor);
  assertEquals([supervisor.state, supervisor.want, engine.fake.started.length], [
    "down",
    "down",
    4,
  ]);
  assertEquals(engine.messages, [
    "supervise: warning: s/run was restarted 3 times in 10000 ms: it stays down",
  ]);
  // Told up it begins anew.
  supervisor.handle("u");
  await engine.pass(3000);
  assertEquals(await pauseAfterDeath(engine, supervisor), 0);
});

Deno.test("Supervisor with max-restarts bears deaths that are far apart", async () => {
  const { engine, supervisor } = supervised({ "max-restarts": "3 10000" });
  for (let death = 0; death < 20; death++) {
    await engine.pass(4000);
    await pauseAfterDeath(engine, supervisor);
  }
  assertEquals([supervisor.state, engine.messages], ["up", []]);
});

Deno.test("Supervisor does not start again what exits with a code of permanent-exit", async () => {
  const { engine, supervisor } = supervised({ "permanent-exit": "3\n100 101\n" });
  await engine.pass(2000);
  engine.fake.endProcess(supervisor.pid, 99 << 8);
  await engine.settle();
  assertEquals(supervisor.state, "up");
  engine.fake.endProcess(supervisor.pid, 100 << 8);
  await engine.pass(5000);
  assertEquals([supervisor.state, supervisor.want], ["down", "down"]);
  assertEquals(engine.messages, [
    "supervise: warning: s/run exited 100, which permanent-exit lists: it stays down",
  ]);
  supervisor.handle("u");
  assertEquals(supervisor.state, "up");
  // A signal is no exit code.
  engine.fake.endProcess(supervisor.pid, 3);
  await engine.pass(1100);
  assertEquals(supervisor.state, "up");
});

Deno.test("Supervisor ignores limits that make no sense", async () => {
  for (
    const [file, text, meaning] of [
      ["max-restarts", "3", "a number and a number of milliseconds"],
      ["max-restarts", "3 1000 5", "a number and a number of milliseconds"],
      ["max-restarts", "", "a number and a number of milliseconds"],
      ["permanent-exit", "100 300", "exit codes"],
      ["backoff", "1m", "a number of milliseconds"],
    ] as const
  ) {
    const { engine, supervisor } = supervised({ [file]: text });
    for (let death = 0; death < 5; death++) {
      assertEquals(await pauseAfterDeath(engine, supervisor), 1000);
    }
    assertEquals(engine.messages, [
      `supervise: warning: s/${file} does not hold ${meaning}: it is ignored`,
    ]);
  }
});
