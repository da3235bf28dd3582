/** How services are told to end, and what happens to those that do not, on a fake kernel. */

import { assertEquals } from "@std/assert";
import { SIGNAL } from "../../src/base/signals.ts";
import { Shutdown } from "../../src/supervision/shutdown.ts";
import { Engine } from "./engine.ts";
import { ScanEngine } from "./scan_engine.ts";

const { CONT, KILL, STOP, TERM } = SIGNAL;

/** An engine whose service has these settings, and has run for two seconds. */
async function running(files: Record<string, string>) {
  const engine = new Engine();
  engine.fake.addDirectory("/s");
  for (const [name, text] of Object.entries(files)) engine.fake.addFile(`/s/${name}`, text);
  const supervisor = engine.supervise();
  await engine.pass(2000);
  return { engine, supervisor, process: engine.fake.started[0]! };
}

Deno.test("Supervisor kills what has not ended when its time is up", async () => {
  const { engine, supervisor, process } = await running({ "timeout-kill": "3000\n" });
  supervisor.handle("d");
  await engine.pass(2900);
  assertEquals(process.signals, [TERM, CONT]);
  supervisor.handle("d");
  await engine.pass(200);
  assertEquals(process.signals, [TERM, CONT, TERM, CONT, KILL]);
  assertEquals(engine.messages, [
    `supervise: warning: s/run (pid ${process.pid}) has not ended in 3000 ms: it is killed`,
  ]);
  engine.fake.endProcess(process.pid);
  await engine.pass(5000);
  assertEquals([supervisor.state, engine.messages.length], ["down", 1]);
});

Deno.test("Supervisor kills nobody who ended in time, or is wanted up again", async () => {
  const { engine, supervisor, process } = await running({ "timeout-kill": "3000" });
  supervisor.handle("d");
  supervisor.handle("u");
  await engine.pass(5000);
  supervisor.handle("d");
  await engine.pass(1000);
  engine.fake.endProcess(process.pid);
  await engine.settle();
  supervisor.handle("u");
  await engine.pass(5000);
  assertEquals(engine.fake.started[1]!.signals, []);
  assertEquals([process.signals.includes(KILL), engine.messages], [false, []]);
});

Deno.test("Supervisor waits for ever without a time, or with 0", async () => {
  for (const files of [{}, { "timeout-kill": "0" }]) {
    const { engine, supervisor, process } = await running(files);
    supervisor.handle("stop");
    await engine.pass(600_000);
    assertEquals(process.signals, [TERM, CONT]);
  }
});

Deno.test("Supervisor sends the signal of down-signal instead of TERM", async () => {
  for (const [text, signal] of [["INT", 2], ["SIGQUIT\n", 3], ["12", 12]] as const) {
    const { supervisor, process } = await running({ "down-signal": text });
    supervisor.handle("d");
    supervisor.handle("t");
    assertEquals(process.signals, [signal, CONT, TERM]);
  }
});

Deno.test("Supervisor says once that a setting makes no sense, and goes on without", async () => {
  const { engine, supervisor, process } = await running({
    "down-signal": "STOPP",
    "timeout-kill": "soon",
  });
  supervisor.handle("d");
  supervisor.handle("d");
  assertEquals(process.signals, [TERM, CONT, TERM, CONT]);
  assertEquals(engine.messages, [
    "supervise: warning: s/down-signal does not hold a signal: it is ignored",
    "supervise: warning: s/timeout-kill does not hold a number of milliseconds: it is ignored",
  ]);
  engine.fake.failures.openRead = ["EACCES"];
  supervisor.handle("d");
  assertEquals(engine.messages.slice(2), [
    "supervise: warning: s/down-signal cannot be read: it is ignored: access denied",
  ]);
});

Deno.test("Supervisor that takes over a service which was told to end kills it in time", async () => {
  const { engine, supervisor, process } = await running({ "timeout-kill": "3000" });
  supervisor.handle("d");
  const next = engine.replace();
  next.supervise();
  await next.pass(3100);
  assertEquals(process.signals.filter((signal) => signal === KILL), [KILL]);
});

Deno.test("Scan has a time for all services, which the file of one replaces", async () => {
  const engine = new ScanEngine({ timeoutKillMs: 1000 });
  engine.addService("a", true);
  engine.addService("b");
  engine.addService("c");
  engine.fake.addFile("/service/b/timeout-kill", "5000");
  engine.fake.addFile("/service/c/timeout-kill", "0");
  engine.scan.begin();
  await engine.pass(2000);
  engine.shutdown = new Shutdown(engine.host, engine.scan);
  await engine.pass(1100);
  const [a, b] = ["a", "b"].map((name) => engine.processOf(name));
  assertEquals([a!.signals, b!.signals], [[TERM, CONT, KILL], [TERM, CONT]]);
  await engine.pass(4000);
  assertEquals(b!.signals, [TERM, CONT, KILL]);
  assertEquals(engine.processOf("c").signals, [TERM, CONT]);
});

Deno.test("Shutdown that is told again kills services, and loggers when they had time to read", async () => {
  const engine = new ScanEngine();
  engine.addService("a", true);
  engine.addService("b");
  engine.scan.begin();
  await engine.pass(2000);
  const [main, log, other] = ["a", "a/log", "b"].map((name) => engine.processOf(name));
  engine.fake.open.get(log!.plan.stdinFd!)!.node.bytes = [1];
  engine.shutdown = new Shutdown(engine.host, engine.scan);
  await engine.pass(1000);
  engine.shutdown.force();
  assertEquals([main!.signals.at(-1), other!.signals.at(-1), log!.signals], [KILL, KILL, []]);
  engine.fake.endProcess(main!.pid);
  engine.fake.endProcess(other!.pid);
  await engine.pass(1500);
  assertEquals([log!.signals, engine.shutdown.finished], [[], false]);
  await engine.pass(1000);
  assertEquals(log!.signals, [KILL]);
  engine.fake.endProcess(log!.pid);
  await engine.pass(1);
  assertEquals(engine.shutdown.finished, true);
  assertEquals(engine.messages, [
    "svscan: warning: told to end once more: what still runs is killed",
    "svscan: warning: a/log has not read 1 bytes, and they are lost: it is killed",
  ]);
});

Deno.test("Shutdown that is told again kills what is paused, too", async () => {
  const engine = new ScanEngine();
  engine.addService("a");
  engine.scan.begin();
  await engine.pass(2000);
  const process = engine.processOf("a");
  engine.fake.feed("/service/a/supervise/control", "p");
  await engine.settle();
  engine.shutdown = new Shutdown(engine.host, engine.scan);
  engine.shutdown.force();
  assertEquals(process.signals, [STOP, TERM, CONT, KILL]);
});
