/** The history of a service, on a fake kernel. */

import { assert, assertEquals } from "@std/assert";
import { decode } from "../../src/base/bytes.ts";
import { parseTai64nLabel } from "../../src/base/tai64n.ts";
import { Engine } from "./engine.ts";

const FILE = "/s/supervise/history";

/** The lines of the history, without their labels. */
function historyOf({ fake }: Engine): string[] {
  const text = decode(fake.contents(FILE) ?? new Uint8Array(0));
  return text.split("\n").slice(0, -1).map((line) => line.slice(line.indexOf(" ") + 1));
}

Deno.test("history tells of starts, ends, who asked for them, and of finish", async () => {
  const engine = new Engine();
  engine.fake.addDirectory("/s");
  const supervisor = engine.supervise();
  await engine.pass(1500);
  engine.fake.endProcess(100, 3 << 8);
  await engine.pass(2250);
  supervisor.handle("t");
  engine.fake.endProcess(101, 15);
  await engine.pass(2000);
  engine.fake.addFile("/s/finish");
  supervisor.handle("stop");
  engine.fake.endProcess(102);
  await engine.settle();
  engine.fake.endProcess(103, 9);
  await engine.settle();
  assertEquals(historyOf(engine), [
    "start pid=100",
    "exit pid=100 code=3 seconds=1.500",
    "start pid=101",
    "exit pid=101 signal=15 seconds=2.250 by=t",
    "start pid=102",
    "exit pid=102 code=0 seconds=2.000 by=stop",
    "finish pid=103",
    "finished signal=9",
  ]);
  const [line = ""] = decode(engine.fake.contents(FILE)!).split("\n");
  const at = parseTai64nLabel(line.split(" ")[0]!);
  assertEquals(at, { seconds: 1_000_000_000, nanoseconds: 0 });
});

Deno.test("history tells why a service is not started, or only later", async () => {
  const engine = new Engine();
  engine.fake.addDirectory("/s");
  engine.fake.addFile("/s/backoff", "60000");
  engine.fake.addFile("/s/max-restarts", "3 60000");
  engine.fake.failures.spawn = ["ENOENT"];
  const supervisor = engine.supervise();
  await engine.pass(2500);
  engine.fake.addFile("/s/run");
  for (let death = 0; death < 3; death++) {
    await engine.pass(3500);
    if (supervisor.pid !== 0) engine.fake.endProcess(supervisor.pid, 1 << 8);
  }
  assertEquals(historyOf(engine)[0], "failed reason=no-run");
  assertEquals(historyOf(engine).filter((line) => line.startsWith("failed")).length, 2);
  assertEquals(historyOf(engine).at(-1), "failed reason=max-restarts");
});

Deno.test("history tells of pauses between starts", async () => {
  const engine = new Engine();
  engine.fake.addDirectory("/s");
  engine.fake.addFile("/s/backoff", "60000");
  const supervisor = engine.supervise();
  for (let death = 0; death < 2; death++) {
    engine.fake.endProcess(supervisor.pid, 1 << 8);
    await engine.pass(1500);
  }
  assertEquals(historyOf(engine).filter((line) => line.startsWith("wait")), [
    "wait seconds=1.000",
    "wait seconds=2.000",
  ]);
});

Deno.test("history survives its writer, and tells what was taken over", async () => {
  const before = new Engine();
  before.supervise();
  await before.pass(2000);
  const engine = before.replace();
  engine.supervise();
  engine.fake.endProcess(100);
  await engine.settle();
  assertEquals(historyOf(engine), [
    "start pid=100",
    "adopted pid=100",
    "exit pid=100 seconds=2.000",
    "start pid=101",
  ]);
});

Deno.test("history is bounded, and keeps what is newest", async () => {
  const engine = new Engine();
  const supervisor = engine.supervise();
  let most = 0;
  for (let round = 0; round < 400; round++) {
    await engine.pass(1000);
    engine.fake.endProcess(supervisor.pid);
    await engine.settle();
    most = Math.max(most, engine.fake.contents(FILE)!.length);
  }
  assert(most > 15_000 && most <= 16_384, `${most} bytes`);
  const lines = historyOf(engine);
  assertEquals(lines.at(-1), "start pid=500");
  assert(lines.length > 100 && lines.every((line) => /^(start|exit) pid=/.test(line)));
  assertEquals(engine.messages, []);
});

Deno.test("a supervisor whose history cannot be written says so once, and goes on", async () => {
  const engine = new Engine();
  engine.fake.addDirectory("/s/supervise/history");
  engine.fake.failures.openAppend = [undefined, undefined, "EISDIR", "EISDIR"];
  const supervisor = engine.supervise();
  await engine.pass(2000);
  engine.fake.endProcess(supervisor.pid);
  await engine.settle();
  assertEquals([supervisor.state, engine.messages], ["up", [
    "supervise: warning: unable to write s/supervise/history: is a directory",
  ]]);
});
