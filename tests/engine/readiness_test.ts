/** How a service says that it is ready, and that it hangs, on a fake kernel. */

import { assertEquals } from "@std/assert";
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
