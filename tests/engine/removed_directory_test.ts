/** Directories that are removed while they are in use, on a fake kernel. */

import { assertEquals } from "@std/assert";
import { decodeStatus } from "../../src/base/status_record.ts";
import { Engine } from "./engine.ts";
import { ScanEngine } from "./scan_engine.ts";

Deno.test("Supervisor ends with the process of a directory that was removed", async () => {
  const engine = new Engine();
  let ends = 0;
  const supervisor = engine.supervise({ onEnd: () => ends++ });
  await engine.pass(2000);
  const { pid } = supervisor;
  engine.fake.remove("/s");
  supervisor.checkDirectory();
  supervisor.checkDirectory();
  assertEquals([supervisor.state, ends], ["up", 0]);
  engine.fake.endProcess(pid);
  await engine.pass(10_000);
  assertEquals([supervisor.state, ends, engine.fake.open.size], ["ended", 1, 0]);
  assertEquals(engine.fake.started.length, 1);
  assertEquals(engine.messages, [
    `supervise: warning: s was removed while its service runs (pid ${pid}): ` +
    "supervision ends with that",
  ]);
});

Deno.test("Supervisor of a removed directory ends when there is no process, or none to be had", async () => {
  for (const moment of ["down", "waiting", "restart"] as const) {
    const engine = new Engine();
    const supervisor = engine.supervise({ down: moment === "down" });
    await engine.pass(moment === "waiting" ? 100 : 2000);
    if (moment === "waiting") engine.fake.endProcess(supervisor.pid);
    await engine.settle();
    engine.fake.remove("/s");
    if (moment === "restart") {
      engine.fake.failures.spawn = ["ENOENT"];
      engine.fake.endProcess(supervisor.pid);
    } else supervisor.checkDirectory();
    await engine.settle();
    assertEquals([supervisor.state, engine.fake.open.size], ["ended", 0], moment);
    assertEquals(engine.messages[0], "supervise: warning: s was removed: its supervision ends");
  }
});

Deno.test("Supervisor makes supervise again where it was removed, and obeys the new control", async () => {
  const engine = new Engine();
  const supervisor = engine.supervise();
  await engine.pass(2000);
  const openBefore = engine.fake.open.size;
  engine.fake.remove("/s/supervise");
  supervisor.checkDirectory();
  supervisor.checkDirectory();
  assertEquals(engine.messages, [
    "supervise: warning: s/supervise was removed: it is made again",
  ]);
  const record = decodeStatus(engine.fake.contents("/s/supervise/status")!);
  assertEquals([record.pid, engine.fake.open.size], [supervisor.pid, openBefore]);
  engine.fake.feed("/s/supervise/control", "h");
  await engine.settle();
  assertEquals(engine.fake.started[0]!.signals, [1]);
});

Deno.test("Supervisor keeps its lock when only control was removed", () => {
  const engine = new Engine();
  const supervisor = engine.supervise();
  engine.fake.remove("/s/supervise/control");
  supervisor.checkDirectory();
  assertEquals(engine.messages, [
    "supervise: warning: s/supervise was removed: it is made again",
  ]);
  supervisor.handle("p");
  assertEquals(decodeStatus(engine.fake.contents("/s/supervise/status")!).paused, true);
});

Deno.test("Supervisor goes on as it was when supervise cannot be made again, and says so once", async () => {
  const engine = new Engine();
  const supervisor = engine.supervise();
  engine.fake.remove("/s/supervise");
  engine.fake.failures.openAppend = ["EROFS", "EROFS"];
  const openBefore = engine.fake.open.size;
  supervisor.checkDirectory();
  supervisor.checkDirectory();
  assertEquals([engine.fake.open.size, supervisor.state], [openBefore, "up"]);
  supervisor.checkDirectory();
  assertEquals(engine.messages, [
    "supervise: fatal: unable to acquire s/supervise/lock: read-only file system",
    "supervise: warning: s/supervise was removed: it is made again",
  ]);
  engine.fake.feed("/s/supervise/control", "d");
  await engine.settle();
  assertEquals(supervisor.want, "down");
});

Deno.test("Scan starts no second copy where a directory was removed and made again", async () => {
  const engine = new ScanEngine();
  engine.addService("a");
  engine.scan.begin();
  await engine.pass(2000);
  const { pid } = engine.processOf("a");
  engine.fake.remove("/service/a");
  engine.addService("a");
  await engine.pass(12_000);
  assertEquals(engine.fake.started.length, 1);
  assertEquals(engine.messages, [
    `supervise: warning: a was removed while its service runs (pid ${pid}): ` +
    "supervision ends with that",
    "svscan: warning: a was made again while the service of its removed directory runs on " +
    `(pid ${pid}): it starts after that`,
  ]);
  engine.fake.endProcess(pid);
  // It may still be in the making.
  await engine.pass(1100);
  assertEquals(engine.fake.started.length, 2);
  assertEquals(engine.fake.running.has(engine.processOf("a").pid), true);
  assertEquals(engine.names(), ["a"]);
});

Deno.test("Scan lets the logger of a removed service end, which nobody else could", async () => {
  const engine = new ScanEngine();
  engine.addService("a", true);
  engine.scan.begin();
  await engine.pass(2000);
  const [main, log] = [engine.processOf("a"), engine.processOf("a/log")];
  const writers = () => [...engine.fake.open.values()].filter(({ node }) => node === pipe).length;
  const pipe = engine.fake.open.get(log.plan.stdinFd!)!.node;
  engine.fake.remove("/service/a");
  await engine.pass(12_000);
  assertEquals(writers(), 2, "the service still writes");
  engine.fake.endProcess(main.pid);
  await engine.pass(6000);
  assertEquals(writers(), 1, "the logger meets the end of its input");
  engine.fake.endProcess(log.pid);
  await engine.pass(6000);
  assertEquals([engine.names(), writers(), engine.fake.started.length], [[], 0, 2]);
});

Deno.test("Scan kills the logger of a removed service that neither reads nor ends", async () => {
  const engine = new ScanEngine();
  engine.addService("a", true);
  engine.scan.begin();
  await engine.pass(2000);
  const [main, log] = [engine.processOf("a"), engine.processOf("a/log")];
  const pipe = engine.fake.open.get(log.plan.stdinFd!)!.node;
  pipe.bytes.push(1, 2);
  engine.fake.remove("/service/a");
  await engine.pass(12_000);
  engine.fake.endProcess(main.pid);
  await engine.pass(50_000);
  pipe.bytes.pop();
  await engine.pass(55_000);
  assertEquals(log.signals, [], "it has read something");
  await engine.pass(20_000);
  assertEquals(log.signals, [9]);
  assertEquals(
    engine.messages.at(-1),
    "svscan: warning: a/log was removed and does not end, with 1 bytes that it has not read: " +
      "it is killed",
  );
  engine.fake.endProcess(log.pid, 9);
  await engine.pass(6000);
  assertEquals(engine.names(), []);
});

Deno.test("Scan of many services looks into some at a time, and into all within a minute", async () => {
  const engine = new ScanEngine();
  const names = Array.from({ length: 450 }, (_, index) => `s${index}`);
  for (const name of names) engine.addService(name);
  engine.scan.begin();
  await engine.pass(3000);
  for (const name of names) engine.fake.remove(`/service/${name}/supervise`);
  const remade = () => engine.messages.filter((line) => line.includes("made again")).length;
  await engine.pass(5000);
  assertEquals(remade(), 200);
  await engine.pass(55_000);
  assertEquals(remade(), 450);
});
