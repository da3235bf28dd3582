/** `./finish`, which runs after each end of `./run`, on a fake kernel. */

import { assertEquals } from "@std/assert";
import { decode } from "../../src/base/bytes.ts";
import { SIGNAL } from "../../src/base/signals.ts";
import { decodeStatus } from "../../src/base/status_record.ts";
import type { Supervisor } from "../../src/supervision/supervisor.ts";
import { Engine } from "./engine.ts";
import type { FakeProcess } from "./fake_kernel.ts";

/** An engine whose service has `finish` and other files, and has run for two seconds. */
async function running(files: Record<string, string> = {}) {
  const engine = new Engine();
  engine.fake.addDirectory("/s");
  engine.fake.addFile("/s/finish");
  for (const [name, text] of Object.entries(files)) engine.fake.addFile(`/s/${name}`, text);
  const supervisor = engine.supervise();
  await engine.pass(2000);
  return { engine, supervisor };
}

/** Lets `./run` end; returns `./finish`. */
async function finishAfter(
  { engine, supervisor }: { engine: Engine; supervisor: Supervisor },
  waitStatus = 0,
): Promise<FakeProcess> {
  engine.fake.endProcess(supervisor.pid, waitStatus);
  await engine.settle();
  return engine.fake.started.at(-1)!;
}

const argumentsOf = ({ plan }: FakeProcess) => plan.argv.map((each) => decode(each));

Deno.test("Supervisor runs finish with how and who ended, and starts run after it", async () => {
  for (
    const [waitStatus, code, lowByte] of [[3 << 8, "3", "0"], [9, "-1", "9"], [0x8b, "-1", "139"]]
  ) {
    const service = await running();
    const { engine, supervisor } = service;
    const pid = String(supervisor.pid);
    const finish = await finishAfter(service, waitStatus as number);
    assertEquals(argumentsOf(finish), ["./finish", code, lowByte, "s", pid]);
    const record = decodeStatus(engine.fake.contents("/s/supervise/status")!);
    assertEquals([supervisor.state, record.pid, record.want], ["finishing", 0, "up"]);
    await engine.pass(3000);
    assertEquals(engine.fake.started.length, 2);
    engine.fake.endProcess(finish.pid);
    await engine.settle();
    assertEquals([supervisor.state, engine.fake.started.length], ["up", 3]);
    assertEquals(engine.fake.started[2]!.plan.path, "./run");
  }
});

Deno.test("Supervisor kills finish after timeout-finish, by default after five seconds", async () => {
  for (const [text, timeMs] of [[undefined, 5000], ["1500", 1500], ["0", Infinity]] as const) {
    const service = await running(text === undefined ? {} : { "timeout-finish": text });
    const finish = await finishAfter(service);
    const { engine } = service;
    await engine.pass(Math.min(timeMs, 600_000) - 100);
    assertEquals(finish.signals, []);
    await engine.pass(200);
    assertEquals(finish.signals, timeMs === Infinity ? [] : [SIGNAL.KILL]);
    if (timeMs === Infinity) continue;
    assertEquals(engine.messages, [
      `supervise: warning: s/finish (pid ${finish.pid}) has not ended in ${timeMs} ms: it is killed`,
    ]);
  }
});

Deno.test("Supervisor runs finish also when the service was told down, once, or to leave", async () => {
  for (const [letter, state] of [["d", "down"], ["o", "down"], ["x", "ended"]] as const) {
    const service = await running();
    const { engine, supervisor } = service;
    supervisor.handle(letter);
    const finish = await finishAfter(service);
    assertEquals(supervisor.state, "finishing");
    engine.fake.endProcess(finish.pid);
    await engine.settle();
    assertEquals(supervisor.state, state);
  }
});

Deno.test("Supervisor goes on without a finish that cannot be started", async () => {
  const service = await running();
  const { engine, supervisor } = service;
  engine.fake.failures.spawn = ["ENOEXEC"];
  await finishAfter(service);
  assertEquals([supervisor.state, engine.messages], ["up", [
    "supervise: warning: unable to start s/finish: exec format error",
  ]]);
});

Deno.test("Supervisor goes on with the finish that a killed one has left", async () => {
  const service = await running();
  const finish = await finishAfter(service);
  const engine = service.engine.replace();
  const supervisor = engine.supervise();
  assertEquals([supervisor.state, supervisor.pid], ["finishing", 0]);
  assertEquals(supervisor.descriptorCount, engine.fake.open.size);
  await engine.pass(2000);
  assertEquals(engine.fake.started.length, 2);
  engine.fake.endProcess(finish.pid);
  await engine.settle();
  assertEquals([supervisor.state, engine.fake.started.length], ["up", 3]);
  assertEquals(supervisor.descriptorCount, engine.fake.open.size);
});

Deno.test("Supervisor gives the finish that was left no more time than it had", async () => {
  const service = await running();
  const finish = await finishAfter(service);
  await service.engine.pass(3000);
  const engine = service.engine.replace();
  engine.supervise();
  await engine.pass(1800);
  assertEquals(finish.signals, []);
  await engine.pass(400);
  assertEquals(finish.signals, [SIGNAL.KILL]);
});
