/** The rules of a supervisor that take more than one event: pace, once, leaving, trouble. */

import { assertEquals, assertThrows } from "@std/assert";
import { decode } from "../../src/base/bytes.ts";
import { ProgramEnd } from "../../src/base/messages.ts";
import { SIGNAL } from "../../src/base/signals.ts";
import { decodeStatus } from "../../src/base/status_record.ts";
import { Engine } from "./engine.ts";

const { HUP, TERM, CONT } = SIGNAL;

Deno.test("Supervisor restarts at once what ran for a second", async () => {
  const engine = new Engine();
  const supervisor = engine.supervise();
  await engine.pass(1000);
  engine.fake.endProcess(supervisor.pid);
  await engine.settle();
  assertEquals(engine.fake.started.length, 2);
  assertEquals(supervisor.state, "up");
});

Deno.test("Supervisor restarts what died at once a second after its start", async () => {
  const engine = new Engine();
  const supervisor = engine.supervise();
  await engine.pass(300);
  engine.fake.endProcess(supervisor.pid);
  await engine.pass(690);
  assertEquals([supervisor.state, engine.fake.started.length], ["waiting", 1]);
  await engine.pass(20);
  assertEquals([supervisor.state, engine.fake.started.length], ["up", 2]);
});

Deno.test("Supervisor acts on a command during the second after a start", async () => {
  const engine = new Engine();
  const supervisor = engine.supervise();
  engine.fake.feed("/s/supervise/control", "h");
  await engine.settle();
  assertEquals(engine.fake.started[0]!.signals, [HUP]);
  engine.fake.endProcess(supervisor.pid);
  await engine.settle();
  engine.fake.feed("/s/supervise/control", "d");
  await engine.pass(3000);
  assertEquals([supervisor.state, supervisor.want, engine.fake.started.length], [
    "down",
    "down",
    1,
  ]);
});

Deno.test("Supervisor keeps starts a second apart, whatever commands come", async () => {
  const engine = new Engine();
  const supervisor = engine.supervise();
  for (let round = 0; round < 20; round++) {
    if (supervisor.pid !== 0) engine.fake.endProcess(supervisor.pid);
    engine.fake.feed("/s/supervise/control", "du");
    await engine.pass(100);
  }
  // 2 s have passed: starts at 0, 1 and maybe 2 s.
  assertEquals(engine.fake.started.length <= 3, true);
  assertEquals(engine.fake.started.length >= 2, true);
});

Deno.test("Supervisor does not restart a service that is wanted once", async () => {
  const engine = new Engine();
  const supervisor = engine.supervise({ down: true });
  supervisor.handle("o");
  engine.fake.endProcess(supervisor.pid);
  await engine.pass(3000);
  assertEquals([supervisor.state, supervisor.want, engine.fake.started.length], [
    "down",
    "once",
    1,
  ]);
});

Deno.test("Supervisor forgets once when told down", async () => {
  const engine = new Engine();
  const supervisor = engine.supervise({ down: true });
  supervisor.handle("o");
  supervisor.handle("d");
  assertEquals(engine.fake.started[0]!.signals, [TERM, CONT]);
  engine.fake.endProcess(supervisor.pid);
  await engine.pass(3000);
  assertEquals([supervisor.state, supervisor.want, engine.fake.started.length], [
    "down",
    "down",
    1,
  ]);
});

Deno.test("Supervisor told x while paused ends when the paused process does", async () => {
  const engine = new Engine();
  let ends = 0;
  const supervisor = engine.supervise({ onEnd: () => ends++ });
  supervisor.handle("p");
  supervisor.handle("x");
  assertEquals([supervisor.state, ends], ["paused", 0]);
  supervisor.handle("k");
  engine.fake.endProcess(supervisor.pid);
  await engine.settle();
  assertEquals([supervisor.state, ends], ["ended", 1]);
});

Deno.test("Supervisor that has ended holds nothing", async () => {
  const engine = new Engine();
  const supervisor = engine.supervise();
  supervisor.handle("d");
  supervisor.handle("x");
  engine.fake.endProcess(supervisor.pid);
  await engine.settle();
  assertEquals(supervisor.state, "ended");
  assertEquals(engine.fake.open.size, 0);
});

Deno.test("Supervisor loses the letters behind x on a down service", async () => {
  const engine = new Engine();
  const supervisor = engine.supervise({ down: true });
  engine.fake.feed("/s/supervise/control", "xu");
  await engine.settle();
  assertEquals([supervisor.state, engine.fake.started.length], ["ended", 0]);
});

Deno.test("Supervisor tells of a run that cannot be executed, and tries again", async () => {
  const engine = new Engine();
  engine.fake.failures.spawn = ["ENOENT", "EACCES", "ENOEXEC"];
  engine.fake.addFile("/s/run");
  const supervisor = engine.supervise();
  assertEquals(supervisor.state, "waiting");
  await engine.pass(3500);
  assertEquals(engine.messages, [
    "supervise: fatal: unable to start s/run: file does not exist",
    "supervise: fatal: unable to start s/run: access denied",
    "supervise: fatal: unable to start s/run: exec format error",
  ]);
  assertEquals([supervisor.state, engine.fake.started.length], ["up", 1]);
});

Deno.test("Supervisor tries a run that stays missing ever more rarely, and cheaply", async () => {
  const engine = new Engine();
  engine.fake.failures.spawn = Array(100).fill("ENOENT");
  const supervisor = engine.supervise();
  await engine.pass(60_000);
  // Five in five seconds, then one in five seconds.
  assertEquals(engine.messages.length, 5 + 11);
  // The first one only; then it is looked for.
  assertEquals(engine.fake.failures.spawn.length, 99);
  engine.fake.failures.spawn = [];
  engine.fake.addFile("/s/run");
  engine.fake.feed("/s/supervise/control", "u");
  await engine.pass(1000);
  assertEquals([supervisor.state, engine.fake.started.length], ["up", 1]);
});

Deno.test("Supervisor obeys d while a run cannot be executed", async () => {
  const engine = new Engine();
  engine.fake.failures.spawn = ["ENOENT"];
  const supervisor = engine.supervise();
  engine.fake.feed("/s/supervise/control", "d");
  await engine.pass(3000);
  assertEquals([supervisor.state, engine.fake.started.length], ["down", 0]);
});

Deno.test("Supervisor wanted once gives up on a run that cannot be executed", async () => {
  const engine = new Engine();
  const supervisor = engine.supervise({ down: true });
  engine.fake.failures.spawn = ["EACCES"];
  supervisor.handle("o");
  await engine.pass(3000);
  assertEquals([supervisor.state, engine.fake.started.length], ["down", 0]);
});

Deno.test("Supervisor waits a minute when there is no process to be had", async () => {
  const engine = new Engine();
  engine.fake.failures.spawn = ["EAGAIN"];
  const supervisor = engine.supervise();
  assertEquals(engine.messages, [
    "supervise: warning: unable to fork for s, sleeping 60 seconds: temporary failure",
  ]);
  await engine.pass(59_900);
  assertEquals([supervisor.state, engine.fake.started.length], ["waiting", 0]);
  await engine.pass(200);
  assertEquals([supervisor.state, engine.fake.started.length], ["up", 1]);
});

Deno.test("Supervisor tries at once when told u during that minute", async () => {
  const engine = new Engine();
  engine.fake.failures.spawn = ["ENOMEM"];
  const supervisor = engine.supervise();
  await engine.pass(2000);
  supervisor.handle("u");
  assertEquals([supervisor.state, engine.fake.started.length], ["up", 1]);
});

Deno.test("Supervisor starts one copy when no process was to be had for once", async () => {
  const engine = new Engine();
  const supervisor = engine.supervise({ down: true });
  engine.fake.failures.spawn = ["EAGAIN"];
  supervisor.handle("o");
  await engine.pass(2000);
  supervisor.handle("u");
  await engine.pass(120_000);
  assertEquals(engine.fake.started.length, 1);
});

Deno.test("Supervisor keeps the service when status cannot be written, and writes it later", async () => {
  const engine = new Engine();
  const supervisor = engine.supervise({ down: true });
  engine.fake.addFile("/s/supervise/history");
  engine.fake.failures.openTruncate = ["ENOSPC", "ENOSPC"];
  supervisor.handle("u");
  assertEquals(supervisor.state, "up");
  assertEquals(decodeStatus(engine.fake.contents("/s/supervise/status")!).pid, 0);
  await engine.pass(11_000);
  assertEquals(decodeStatus(engine.fake.contents("/s/supervise/status")!).pid, supervisor.pid);
  assertEquals(engine.messages, [
    "supervise: warning: unable to open s/supervise/status.new: out of disk space",
  ]);
});

Deno.test("Supervisor tells of a signal that it may not send", () => {
  const engine = new Engine();
  const supervisor = engine.supervise();
  engine.fake.failures.kill = ["EPERM"];
  supervisor.handle("h");
  assertEquals(engine.messages, [
    "supervise: warning: unable to signal s/run: permission denied",
  ]);
  assertEquals(supervisor.state, "up");
});

Deno.test("Supervisor leaves nothing open when it cannot take the directory", () => {
  for (
    const [call, message, callsBefore = 0] of [
      ["openDirectory", "unable to chdir to s"],
      ["stat", "unable to stat s/down"],
      ["openAppend", "unable to acquire s/supervise/lock"],
      ["openReadWrite", "unable to write s/supervise/control"],
      ["openRead", "unable to read s/supervise/control"],
      ["openRead", "unable to read s/supervise/process", 1],
      ["openRead", "unable to read s/supervise/ok", 2],
      ["watch", "unable to watch s/supervise/control"],
    ] as const
  ) {
    const engine = new Engine();
    engine.fake.failures[call] = [...Array(callsBefore).fill(undefined), "EACCES"];
    const error = assertThrows(() => engine.supervise(), ProgramEnd);
    assertEquals(
      decode((error as ProgramEnd).text),
      `supervise: fatal: ${message}: access denied\n`,
    );
    assertEquals(engine.fake.open.size, 0);
    assertEquals(engine.fake.started.length, 0);
  }
});

Deno.test("Supervisor refuses a directory that another holds", () => {
  const engine = new Engine();
  engine.supervise();
  const error = assertThrows(() => engine.supervise(), ProgramEnd);
  assertEquals(
    decode((error as ProgramEnd).text),
    "supervise: fatal: unable to acquire s/supervise/lock: temporary failure\n",
  );
});

Deno.test("Supervisor refuses a control file that is no FIFO", () => {
  const engine = new Engine();
  engine.fake.addDirectory("/s/supervise");
  engine.fake.addFile("/s/supervise/control");
  const error = assertThrows(() => engine.supervise(), ProgramEnd);
  assertEquals(
    decode((error as ProgramEnd).text),
    "supervise: fatal: s/supervise/control is not a FIFO; remove it, and it is made anew\n",
  );
});

Deno.test("Supervisor takes a flood of commands in parts, and writes the status once a part", async () => {
  const engine = new Engine();
  const supervisor = engine.supervise();
  await engine.pass(2000);
  const writes: number[] = [];
  engine.fake.onCall = (call) => void (call === "rename" && writes.push(engine.fake.timeMs));
  engine.fake.feed("/s/supervise/control", "pc".repeat(320));
  let others = 0;
  engine.host.reactor.after(0, () => others = writes.length);
  await engine.pass(1);
  // What else is due has its turn after the first part.
  assertEquals([others, writes.length], [1, 10]);
  assertEquals([supervisor.state, engine.fake.started[0]!.signals.length], ["up", 640]);
});
