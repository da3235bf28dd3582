/** How a service says that it is ready, and that it hangs, on a fake kernel. */

import { assertEquals, assertMatch } from "@std/assert";
import { decode } from "../../src/base/bytes.ts";
import { SIGNAL } from "../../src/base/signals.ts";
import { Engine } from "./engine.ts";
import type { FakeProcess } from "./fake_kernel.ts";

/** An engine whose service has some files, just started. */
async function running(files: Record<string, string>, engine = new Engine()) {
  engine.fake.addDirectory("/s");
  for (const [name, text] of Object.entries(files)) engine.fake.addFile(`/s/${name}`, text);
  const supervisor = engine.supervise();
  await engine.settle();
  const process = engine.fake.started.at(-1)!;
  return { engine, supervisor, process };
}

/** The words of the history behind their labels. */
function history({ fake }: Engine): string[] {
  const text = decode(fake.contents("/s/supervise/history")!);
  return text.trimEnd().split("\n").map((line) => line.split(" ").slice(1, 2).join(" "));
}

const variablesOf = ({ plan }: FakeProcess) => plan.environment.map((each) => decode(each));

Deno.test("Readiness takes the first newline at notification-fd for it", async () => {
  const { engine, process } = await running({ "notification-fd": "5\n" });
  const openBefore = engine.fake.open.size;
  engine.fake.writeAs(process, 5, "starting");
  await engine.settle();
  assertEquals(history(engine), ["start"]);
  engine.fake.writeAs(process, 5, "\nmore\n");
  await engine.settle();
  assertEquals(history(engine), ["start", "ready"]);
  // Both ends are closed: it costs nothing any more.
  assertEquals(engine.fake.open.size, openBefore - 1);
});

Deno.test("Readiness opens no pipe without the file, nor for a number that makes no sense", async () => {
  for (const files of [{}, { "notification-fd": "1" }, { "notification-fd": "x" }]) {
    const { process } = await running(files);
    assertEquals(process.plan.attributes.descriptors, []);
  }
});

Deno.test("Readiness hears the service and its children over the notify socket, nobody else", async () => {
  const { engine, supervisor, process } = await running({ "notify-socket": "" });
  assertEquals(variablesOf(process).at(-1), "A=b");
  engine.fake.notify(4711, process, "READY=1");
  engine.fake.notify(supervisor.pid, process, "STATUS=half way\nUNKNOWN=1");
  await engine.settle();
  assertEquals(history(engine), ["start"]);
  assertEquals(
    decode(engine.fake.contents("/s/supervise/status-text")!),
    `${supervisor.pid} half way\n`,
  );
  for (const message of ["READY=1\n", "READY=1", "RELOADING=1", "READY=1", "STOPPING=1"]) {
    engine.fake.notify(supervisor.pid, process, message);
  }
  await engine.settle();
  assertEquals(history(engine), ["start", "ready", "reloading", "ready", "stopping"]);
});

Deno.test("Readiness begins anew with each start", async () => {
  const { engine, supervisor, process } = await running({ "notify-socket": "" });
  const first = supervisor.pid;
  engine.fake.notify(first, process, "READY=1");
  await engine.pass(2000);
  engine.fake.endProcess(first);
  await engine.settle();
  const second = engine.fake.started.at(-1)!;
  engine.fake.notify(first, second, "READY=1");
  await engine.settle();
  engine.fake.notify(second.pid, second, "READY=1");
  await engine.settle();
  assertEquals(history(engine), ["start", "ready", "exit", "start", "ready"]);
});

Deno.test("Readiness asks check in growing intervals, until it says yes", async () => {
  const { engine } = await running({ check: "" });
  const checks = () => engine.fake.started.filter(({ plan }) => plan.path === "./check");
  const answer = async (waitStatus: number) => {
    engine.fake.endProcess(checks().at(-1)!.pid, waitStatus);
    await engine.settle();
  };
  for (const [count, pauseMs] of [100, 200, 400].entries()) {
    await engine.pass(pauseMs - 10);
    assertEquals(checks().length, count);
    await engine.pass(10);
    assertEquals(checks().length, count + 1);
    assertEquals(history(engine), ["start"]);
    await answer(count === 2 ? 0 : 1 << 8);
  }
  assertEquals(history(engine), ["start", "ready"]);
  await engine.pass(60_000);
  assertEquals(checks().length, 3);
});

Deno.test("Readiness ends a service whose watchdog is not fed, and it is started again", async () => {
  const files = { "notify-socket": "", watchdog: "1000" };
  const { engine, supervisor, process } = await running(files);
  assertEquals(variablesOf(process).includes("WATCHDOG_USEC=1000000"), true);
  for (let count = 0; count < 5; count++) {
    await engine.pass(900);
    engine.fake.notify(supervisor.pid, process, "WATCHDOG=1");
    await engine.settle();
  }
  assertEquals(process.signals, []);
  await engine.pass(1001);
  assertEquals(process.signals, [SIGNAL.ABRT, SIGNAL.CONT]);
  await engine.pass(5000);
  assertEquals(process.signals.at(-1), SIGNAL.KILL);
  engine.fake.endProcess(supervisor.pid, SIGNAL.KILL);
  await engine.settle();
  assertEquals(history(engine), ["start", "watchdog", "exit", "start"]);
  assertEquals(supervisor.state, "up");
});

Deno.test("Readiness lets a service take longer, and hang by its own word", async () => {
  const files = { "notify-socket": "", watchdog: "1000" };
  const { engine, supervisor, process } = await running(files);
  engine.fake.notify(supervisor.pid, process, "EXTEND_TIMEOUT_USEC=5000000");
  await engine.pass(4900);
  assertEquals(process.signals, []);
  engine.fake.notify(supervisor.pid, process, "WATCHDOG=trigger");
  await engine.settle();
  assertEquals(process.signals, [SIGNAL.ABRT, SIGNAL.CONT]);
});

Deno.test("Supervisor starts a service also where its readiness cannot be followed", async () => {
  const engine = new Engine();
  engine.fake.failures.openNotifySocket = ["EADDRINUSE", "EMFILE"];
  const { supervisor } = await running({ "notify-socket": "" }, engine);
  assertEquals(supervisor.state, "up");
  assertEquals(engine.messages.length, 1, engine.messages.join());
});

Deno.test("a supervisor that takes over hears the service at the same socket", async () => {
  const { engine, supervisor, process } = await running({ "notify-socket": "" });
  const { pid } = supervisor;
  const next = engine.replace();
  next.supervise();
  await next.settle();
  next.fake.notify(pid, process, "READY=1");
  await next.settle();
  assertEquals(history(next), ["start", "adopted", "ready"]);
});

Deno.test("a supervisor that takes over finds the pipe of notification-fd again", async () => {
  const { engine, supervisor, process } = await running({ "notification-fd": "5" });
  const { pid } = supervisor;
  const next = engine.replace();
  next.supervise();
  await next.settle();
  assertEquals(supervisor.pid, pid);
  next.fake.writeAs(process, 5, "\n");
  await next.settle();
  assertEquals(history(next), ["start", "adopted", "ready"]);
});

/** A service that has started another process, which it can name as itself. */
async function withChild(engine = new Engine()) {
  const { supervisor, process: first } = await running({ "notify-socket": "" }, engine);
  await engine.pass(1000);
  const child = engine.fake.addProcess({ parentPid: first.pid });
  return { engine, supervisor, first, child };
}

Deno.test("Supervisor goes on with the process that MAINPID names, when the first one ends", async () => {
  const { engine, supervisor, first, child } = await withChild();
  engine.fake.notify(first.pid, first, `STATUS=here\nMAINPID=${child.pid}\nREADY=1`);
  // Both at once: what it said counts before that it has ended.
  engine.fake.endProcess(first.pid);
  await engine.settle();
  assertEquals(supervisor.pid, child.pid);
  assertEquals(supervisor.state, "up");
  assertEquals(history(engine), ["start", "main", "ready"]);
  const text = decode(engine.fake.contents("/s/supervise/status-text")!);
  assertEquals(text, `${child.pid} here\n`);
  supervisor.handle("h");
  assertEquals([first.signals, child.signals], [[], [SIGNAL.HUP]]);
  engine.fake.notify(child.pid, first, "RELOADING=1");
  await engine.settle();
  // It is our child by now, so what it ends with is known.
  engine.fake.endProcess(child.pid, 3 << 8);
  await engine.settle();
  assertEquals(engine.fake.started.length, 2);
  assertEquals(supervisor.pid, engine.fake.started.at(-1)!.pid);
  const lines = decode(engine.fake.contents("/s/supervise/history")!);
  assertMatch(lines, new RegExp(` exit pid=${child.pid} code=3 seconds=1\\.`));
});

Deno.test("Supervisor ends the first process too, before it starts the service again", async () => {
  const { engine, supervisor, first, child } = await withChild();
  engine.fake.notify(first.pid, first, `MAINPID=${child.pid}`);
  await engine.settle();
  engine.fake.endProcess(child.pid);
  await engine.settle();
  assertEquals(engine.fake.started.length, 1);
  assertEquals([supervisor.pid, first.signals], [first.pid, [SIGNAL.TERM, SIGNAL.CONT]]);
  await engine.pass(5000);
  assertEquals(first.signals.at(-1), SIGNAL.KILL);
  engine.fake.endProcess(first.pid, SIGNAL.KILL);
  await engine.settle();
  assertEquals(engine.fake.started.length, 2);
  const lines = decode(engine.fake.contents("/s/supervise/history")!);
  // Nobody knows what it has ended with: it was not our child.
  assertMatch(lines, new RegExp(` exit pid=${child.pid} seconds=`));
});

Deno.test("Supervisor takes the service down with the process that MAINPID names", async () => {
  const { engine, supervisor, first, child } = await withChild();
  engine.fake.notify(first.pid, first, `MAINPID=${child.pid}`);
  engine.fake.endProcess(first.pid);
  await engine.settle();
  supervisor.handle("d");
  assertEquals(child.signals, [SIGNAL.TERM, SIGNAL.CONT]);
  engine.fake.endProcess(child.pid, SIGNAL.TERM);
  await engine.settle();
  assertEquals([supervisor.state, supervisor.pid], ["down", 0]);
});

Deno.test("Supervisor passes over a MAINPID of a process that is none of the service's", async () => {
  const { engine, supervisor, first } = await withChild();
  const stranger = engine.fake.addProcess({ parentPid: 1 });
  const ours = engine.fake.addProcess({});
  const older = engine.fake.addProcess({ startTicks: 1 });
  engine.fake.setUser(ours.pid, 33);
  for (const pid of [stranger.pid, 1, 50, 4711, older.pid, first.pid]) {
    engine.fake.notify(first.pid, first, `MAINPID=${pid}`);
  }
  // An orphan of another user, which the sender could not signal itself.
  engine.fake.notify(first.pid, first, `MAINPID=${ours.pid}`, 34);
  await engine.settle();
  assertEquals(supervisor.pid, first.pid);
  assertEquals(engine.messages, [
    `supervise: warning: s names process ${stranger.pid}, which is none of its own`,
  ]);
  engine.fake.notify(first.pid, first, `MAINPID=${ours.pid}`, 33);
  await engine.settle();
  assertEquals(supervisor.pid, ours.pid);
});

Deno.test("Readiness hears an orphan of the service's user, and no other", async () => {
  const { engine, supervisor, first } = await withChild();
  const orphan = engine.fake.addProcess({});
  engine.fake.setUser(first.pid, 33);
  engine.fake.notify(orphan.pid, first, `MAINPID=${orphan.pid}`, 34);
  await engine.settle();
  assertEquals(supervisor.pid, first.pid);
  engine.fake.notify(orphan.pid, first, `MAINPID=${orphan.pid}`, 33);
  await engine.settle();
  assertEquals(supervisor.pid, orphan.pid);
});

Deno.test("a supervisor that takes over goes on with the process that MAINPID named", async () => {
  const { engine, first, child } = await withChild();
  engine.fake.notify(first.pid, first, `MAINPID=${child.pid}\nREADY=1`);
  engine.fake.endProcess(first.pid);
  await engine.settle();
  const next = engine.replace();
  const supervisor = next.supervise();
  await next.settle();
  assertEquals([supervisor.pid, supervisor.state], [child.pid, "up"]);
  assertEquals(history(next), ["start", "main", "ready", "adopted"]);
  next.fake.endProcess(child.pid);
  await next.pass(1000);
  assertEquals(next.fake.started.length, 2);
});

Deno.test("Supervisor gives a service that ends as much more time as it asks for", async () => {
  const files = { "notify-socket": "", "timeout-kill": "1000" };
  const { engine, supervisor, process } = await running(files);
  supervisor.handle("d");
  await engine.pass(900);
  engine.fake.notify(process.pid, process, "STOPPING=1\nEXTEND_TIMEOUT_USEC=3000000");
  await engine.pass(2900);
  assertEquals(process.signals, [SIGNAL.TERM, SIGNAL.CONT]);
  await engine.pass(200);
  assertEquals(process.signals.at(-1), SIGNAL.KILL);
  assertMatch(engine.messages.join(), /has not ended in 39\d\d ms: it is killed$/);
});

Deno.test("Supervisor notices ends also where nobody can say who has sent a message", async () => {
  const { engine, supervisor, first } = await withChild();
  const orphan = engine.fake.addProcess({});
  engine.fake.failures.stat = ["EIO"];
  engine.fake.failures.receiveNotification = ["ENOMEM"];
  engine.fake.notify(orphan.pid, first, `MAINPID=${orphan.pid}`, 33);
  engine.fake.endProcess(first.pid);
  engine.host.children.reapAll();
  await engine.settle();
  assertEquals(history(engine), ["start", "exit", "start"]);
  assertEquals(supervisor.state, "up");
});
