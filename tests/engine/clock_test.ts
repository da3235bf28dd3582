/** Supervision while somebody sets the wall clock. On a fake kernel. */

import { assertEquals } from "@std/assert";
import { Engine } from "./engine.ts";

const HOUR_MS = 3_600_000;

for (const hours of [-30, 30]) {
  Deno.test(`a clock that is set by ${hours} hours neither delays nor hurries a restart`, async () => {
    const engine = new Engine();
    const supervisor = engine.supervise();
    const first = supervisor.pid;
    await engine.pass(300);
    engine.fake.endProcess(first);
    await engine.settle();
    assertEquals(supervisor.state, "waiting");
    engine.fake.wallClockMs += hours * HOUR_MS;
    await engine.pass(600);
    assertEquals(supervisor.state, "waiting");
    await engine.pass(200);
    assertEquals(supervisor.state, "up");
    // Set while it runs, too.
    await engine.pass(2000);
    engine.fake.wallClockMs -= 2 * hours * HOUR_MS;
    engine.fake.endProcess(supervisor.pid);
    await engine.settle();
    assertEquals(supervisor.state, "up");
  });

  Deno.test(`a service whose supervisor was killed outlives a clock set by ${hours} hours`, async () => {
    const engine = new Engine();
    const { pid } = engine.supervise();
    await engine.pass(2000);
    engine.fake.wallClockMs += hours * HOUR_MS;
    const next = engine.replace();
    const supervisor = next.supervise();
    assertEquals([supervisor.pid, supervisor.state], [pid, "up"]);
    next.fake.endProcess(pid);
    await next.settle();
    assertEquals([supervisor.state, next.fake.started.length], ["up", 2]);
  });

  Deno.test(`deadlines of an end and of finish hold with a clock set by ${hours} hours`, async () => {
    const engine = new Engine();
    engine.fake.addDirectory("/s");
    engine.fake.addFile("/s/timeout-kill", "5000");
    const supervisor = engine.supervise();
    const process = engine.fake.started[0]!;
    supervisor.handle("d");
    engine.fake.wallClockMs += hours * HOUR_MS;
    await engine.pass(4900);
    assertEquals(process.signals.includes(9), false);
    await engine.pass(200);
    assertEquals(process.signals.includes(9), true);
  });
}
