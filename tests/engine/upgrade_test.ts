/** A successor in the same process, on a fake kernel. */

import { assertEquals, assertMatch, assertRejects } from "@std/assert";
import { decode, encode } from "../../src/base/bytes.ts";
import { createReporter } from "../../src/base/messages.ts";
import { SIGNAL } from "../../src/base/signals.ts";
import { VERSION } from "../../src/base/version.ts";
import { decodeHandover, type HandedService } from "../../src/supervision/handover.ts";
import { Scan } from "../../src/supervision/scan.ts";
import { takeOffice, Upgrade } from "../../src/supervision/upgrade.ts";
import { Engine } from "./engine.ts";
import { FakeKernel, Succeeded } from "./fake_kernel.ts";

const CALLING = {
  executable: encode("/bin/svscan"),
  argv: [encode("svscan"), encode("/service")],
  attributes: { limits: [], descriptors: [] },
};

/** A scan of `/service` with the service `a`, which has a logger, and what upgrades it. */
class Upgradable extends Engine {
  readonly scan: Scan;
  readonly upgrade: Upgrade;

  constructor(fake?: FakeKernel, services: readonly HandedService[] = []) {
    super(fake);
    this.fake.addDirectory("/service/a/log");
    const at = this.fake.openDirectory(-100, "/service");
    this.scan = new Scan(this.host, at, () => {});
    const reporter = createReporter("svscan", this.host.report);
    this.upgrade = new Upgrade(this.host, reporter, CALLING, () => ({
      services: this.scan.handOver(),
    }));
    this.scan.restore(services);
    this.scan.begin();
  }

  get service() {
    return [...this.scan.services][0]!;
  }

  /** Lets the executable that was asked for its version answer, and end. */
  async answer(text: string, status = 0): Promise<void> {
    const { pid } = this.fake.started.at(-1)!;
    this.fake.outputOf(pid).push(...encode(text));
    this.fake.endProcess(pid, status);
    await this.pass(1);
  }

  /** Upgrades, and gives the successor. */
  async succeed(meanwhile: () => void = () => {}): Promise<Upgradable> {
    this.upgrade.begin();
    try {
      await this.answer(`daemontools ${VERSION}\n`);
      throw new Error("there is no successor");
    } catch (error) {
      if (!(error instanceof Succeeded)) throw error;
    }
    meanwhile();
    return new Upgradable(this.fake, decodeHandover(this.fake.legacy!.message)?.services);
  }
}

Deno.test("Upgrade keeps processes, pipe and locks, and what is open stays as much", async () => {
  const before = new Upgradable();
  await before.pass(1500);
  const { fake } = before;
  const openBefore = fake.open.size;
  const pids = fake.started.map(({ pid }) => pid);
  fake.open.get(fake.started[0]!.plan.stdoutFd!)!.node.bytes.push(1, 2);
  const after = await before.succeed();
  const { main, log } = after.service;
  assertEquals([main!.pid, log!.pid, main!.state, log!.state], [...pids, "up", "up"]);
  assertEquals([after.service.bytesWaiting, fake.open.size], [2, openBefore]);
  assertEquals(after.messages, []);
  main!.handle("t");
  assertEquals(fake.started[0]!.signals, [SIGNAL.TERM]);
});

Deno.test("Upgrade waits for what else has come with the end of the version check", async () => {
  const before = new Upgradable();
  await before.pass(1500);
  const { fake } = before;
  before.upgrade.begin();
  const { pid } = fake.started.at(-1)!;
  fake.outputOf(pid).push(...encode(`daemontools ${VERSION}\n`));
  fake.endProcess(pid);
  // As a handler of SIGTERM does when that was read right after SIGCHLD.
  let isHandled = false;
  before.host.reactor.post(() => isHandled = true);
  await assertRejects(() => before.pass(10), Succeeded);
  assertEquals(isHandled, true);
});

Deno.test("Upgrade calls the successor as this one was called", async () => {
  const before = new Upgradable();
  await before.pass(1500);
  await before.succeed();
  const { path, argv, environment } = before.fake.legacy!;
  assertEquals([path, ...argv, ...environment].map(decode), [
    "/bin/svscan",
    "svscan",
    "/service",
    "A=b",
  ]);
});

Deno.test("a successor is told what a child ended with while nobody listened", async () => {
  const before = new Upgradable();
  await before.pass(1500);
  const { fake } = before;
  const [main] = fake.started;
  const after = await before.succeed(() => fake.endProcess(main!.pid, 256));
  await after.settle();
  // Restarted at once: it had run for more than a second.
  assertEquals(after.service.main!.pid, fake.started.at(-1)!.pid);
  assertEquals(fake.findProcess(main!.pid), undefined);
});

Deno.test("a successor hears the commands that nobody has read", async () => {
  const before = new Upgradable();
  await before.pass(1500);
  const after = await before.succeed(() => before.fake.feed("/service/a/supervise/control", "h"));
  await after.settle();
  assertEquals(before.fake.started[0]!.signals, [SIGNAL.HUP]);
});

Deno.test("a successor keeps what is wanted, and deadlines", async () => {
  const before = new Upgradable();
  const { fake } = before;
  await before.pass(300);
  before.service.log!.handle("d");
  fake.endProcess(fake.started[0]!.pid);
  await before.settle();
  assertEquals(before.service.main!.state, "waiting");
  const after = await before.succeed();
  assertEquals([after.service.main!.state, after.service.log!.want], ["waiting", "down"]);
  const starts = fake.started.length;
  await after.pass(600);
  assertEquals(fake.started.length, starts);
  await after.pass(200);
  assertEquals([fake.started.length, after.service.main!.state], [starts + 1, "up"]);
});

Deno.test("a successor knows who asked a process to end", async () => {
  const before = new Upgradable();
  await before.pass(1500);
  before.service.main!.handle("t");
  const after = await before.succeed();
  before.fake.endProcess(before.fake.started[0]!.pid);
  await after.settle();
  const history = decode(after.fake.contents("/service/a/supervise/history")!);
  assertMatch(history, / exit pid=\d+ .* by=t\n/);
});

Deno.test("a successor goes on with a service that is listed no more", async () => {
  const before = new Upgradable();
  await before.pass(1500);
  before.fake.move("/service/a", "/elsewhere");
  const after = await before.succeed();
  assertEquals(after.service.main!.state, "up");
  assertEquals(after.service.main!.pid, before.fake.started[0]!.pid);
});

Deno.test("a successor leaves a service that a predecessor took over before to its pidfd", async () => {
  const first = new Upgradable();
  await first.pass(1500);
  const { fake } = first;
  fake.killEngine();
  const second = new Upgradable(fake);
  const third = await second.succeed();
  const [main] = fake.started;
  assertEquals(third.service.main!.pid, main!.pid);
  fake.endProcess(main!.pid);
  await third.settle();
  assertEquals(third.service.main!.pid, fake.started.at(-1)!.pid);
});

Deno.test("Upgrade stays with what runs where the executable is not fit for it", async () => {
  const cases = [
    { answer: "", status: 256, why: "it does not tell its version" },
    { answer: "hello\n", status: 0, why: "it does not tell its version" },
    { answer: `daemontools ${VERSION}\n`, status: 9, why: "it does not tell its version" },
    {
      answer: "daemontools 0.0.9\n",
      status: 0,
      why: `it is the older version 0.0.9, and this is ${VERSION}`,
    },
  ];
  for (const { answer, status, why } of cases) {
    const engine = new Upgradable();
    await engine.pass(1500);
    const openBefore = engine.fake.open.size;
    engine.upgrade.begin();
    await engine.answer(answer, status);
    assertEquals(engine.messages, [`svscan: warning: not upgraded to /bin/svscan: ${why}`]);
    assertEquals([engine.fake.open.size, engine.fake.legacy], [openBefore, undefined]);
    engine.service.main!.handle("t");
    assertEquals(engine.fake.started[0]!.signals, [SIGNAL.TERM]);
  }
});

Deno.test("Upgrade gives up an executable that does not answer in time", async () => {
  const engine = new Upgradable();
  await engine.pass(1500);
  engine.upgrade.begin();
  engine.upgrade.begin();
  assertEquals(engine.fake.started.length, 3);
  await engine.pass(11_000);
  const asked = engine.fake.started.at(-1)!;
  assertEquals(asked.signals, [SIGNAL.KILL]);
  await engine.answer("", SIGNAL.KILL);
  assertEquals(engine.messages, [
    "svscan: warning: not upgraded to /bin/svscan: it does not tell its version",
  ]);
  // It can be tried again.
  engine.upgrade.begin();
  assertEquals(engine.fake.started.length, 4);
});

Deno.test("Upgrade waits for what waits for storage, and gives up one that does not answer", async () => {
  const engine = new Upgradable();
  await engine.pass(1500);
  const state = { isIdle: false };
  Object.defineProperty(engine.host.storage, "isIdle", { get: () => state.isIdle });
  engine.upgrade.begin();
  await engine.answer(`daemontools ${VERSION}\n`);
  await engine.pass(11_000);
  assertEquals(engine.messages, [
    "svscan: warning: not upgraded to /bin/svscan: a file system does not answer",
  ]);
  assertEquals(engine.fake.legacy, undefined);
  engine.upgrade.begin();
  await engine.answer(`daemontools ${VERSION}\n`);
  await engine.pass(100);
  assertEquals(engine.fake.legacy, undefined);
  state.isIdle = true;
  await assertRejects(() => engine.pass(100), Succeeded);
});

Deno.test("Upgrade says so when the executable cannot be executed", async () => {
  const engine = new Upgradable();
  await engine.pass(1500);
  const openBefore = engine.fake.open.size;
  engine.fake.failures.spawn = ["ENOENT"];
  engine.upgrade.begin();
  engine.fake.failures.succeed = ["EACCES"];
  engine.upgrade.begin();
  await engine.answer(`daemontools ${VERSION}\n`);
  assertEquals(engine.messages, [
    "svscan: warning: not upgraded to /bin/svscan: it cannot be executed: file does not exist",
    "svscan: warning: not upgraded to /bin/svscan: it cannot be executed: access denied",
  ]);
  assertEquals(engine.fake.open.size, openBefore);
});

Deno.test("Upgrade says so when it has no descriptors to ask with, and can be asked again", async () => {
  const engine = new Upgradable();
  await engine.pass(1500);
  engine.fake.failures["pipe"] = ["EMFILE"];
  engine.upgrade.begin();
  assertEquals(engine.messages, [
    "svscan: warning: not upgraded to /bin/svscan: it cannot be asked for its version: " +
    "process cannot open more files",
  ]);
  assertEquals((await engine.succeed()).messages, []);
});

Deno.test("takeOffice() closes what it is handed in a language that it does not know", () => {
  const closed: number[] = [];
  const attributes = { limits: [], descriptors: [{ from: 7, to: 3 }] };
  const inheritance = (message: string) => ({
    environment: [encode("A=b")],
    attributes,
    descriptors: [5, 6, 7],
    message: encode(message),
  });
  const called = {
    invokedAs: encode("svscan"),
    args: [encode("/service")],
    environment: [encode("A=b"), encode("B=c")],
    execAttributes: { limits: [], descriptors: [] },
    kernel: {
      close: (fd: number) => void closed.push(fd),
      executablePath: () => encode("/bin/svscan"),
      takeInheritance: () => inheritance('{"version":3,"things":[]}'),
    },
  };
  const { context, calling, services } = takeOffice(called);
  assertEquals([closed, services, context.execAttributes], [[5, 6], [], attributes]);
  assertEquals(context.environment.map(decode), ["A=b"]);
  assertEquals(calling.argv.map(decode), ["svscan", "/service"]);
  assertEquals(decodeHandover(encode("garbage")), undefined);
});

Deno.test("a service that is not ready yet tells the successor when it is", async () => {
  const fake = new FakeKernel();
  fake.addDirectory("/service/a");
  fake.addFile("/service/a/notification-fd", "5\n");
  const before = new Upgradable(fake);
  await before.pass(1500);
  const [main] = fake.started;
  const openBefore = fake.open.size;
  const after = await before.succeed();
  assertEquals(fake.open.size, openBefore);
  fake.writeAs(main!, 5, "\n");
  await after.settle();
  const history = decode(fake.contents("/service/a/supervise/history")!);
  assertEquals(history.includes(` ready pid=${main!.pid}\n`), true, history);
  assertEquals(fake.open.size, openBefore - 1);
});
