/** The scan and its orderly end, on a fake kernel and a virtual clock. */

import { assert, assertEquals } from "@std/assert";
import { SIGNAL } from "../../src/base/signals.ts";
import { Shutdown } from "../../src/supervision/shutdown.ts";
import { ScanEngine } from "./scan_engine.ts";

Deno.test("Scan starts every directory, and loggers joined by a pipe", () => {
  const engine = new ScanEngine();
  engine.addService("a");
  engine.addService("b", true);
  engine.addService(".hidden");
  engine.fake.addFile("/service/file");
  engine.scan.begin();
  assertEquals(engine.names(), ["a", "b"]);
  assertEquals(engine.fake.started.length, 3);
  const [main, log] = [engine.processOf("b").plan, engine.processOf("b/log").plan];
  const pipe = engine.fake.open.get(main.stdoutFd!)!.node;
  assertEquals(engine.fake.open.get(log.stdinFd!)!.node, pipe);
  assertEquals(engine.processOf("a").plan.stdoutFd, undefined);
  assertEquals(engine.messages, []);
});

Deno.test("Scan finds a new link at once, and a new directory when it had time to be filled", async () => {
  const engine = new ScanEngine();
  engine.scan.begin();
  engine.fake.addDirectory("/elsewhere");
  engine.fake.addLink("/service/link", "/elsewhere");
  engine.addService("made");
  engine.fake.noticeChange();
  await engine.pass(100);
  assertEquals(engine.names(), ["link"]);
  await engine.pass(1000);
  assertEquals(engine.names(), ["link", "made"]);
});

Deno.test("Scan starts a new directory in time, whatever else changes meanwhile", async () => {
  const engine = new ScanEngine();
  engine.scan.begin();
  engine.addService("made");
  // A name that comes and goes every 3 ms.
  const change = () => {
    engine.fake.noticeChange();
    engine.host.reactor.after(3, change);
  };
  change();
  await engine.pass(1050);
  assertEquals(engine.names(), ["made"]);
});

Deno.test("Scan goes on when what it opened cannot be watched", async () => {
  const engine = new ScanEngine();
  engine.addService("a");
  engine.addService("b");
  // Of the directory, and of the first service.
  engine.fake.failures.watch = ["ENOSPC", "ENOSPC"];
  const openBefore = engine.fake.open.size;
  engine.scan.begin();
  assertEquals(engine.messages, [
    "supervise: fatal: unable to watch a/supervise/control: out of disk space",
  ]);
  const service = [...engine.scan.services].find(({ isIdle }) => !isIdle)!;
  assertEquals(engine.fake.open.size - openBefore, service.descriptorCount);
  await engine.pass(5000);
  assertEquals(engine.fake.running.size, 2);
});

Deno.test("Scan finds changes without being told, within five seconds", async () => {
  const engine = new ScanEngine();
  engine.fake.failures.newChangeWatcher = ["EMFILE"];
  engine.scan.begin();
  engine.addService("late");
  await engine.pass(4900);
  assertEquals(engine.names(), []);
  await engine.pass(200);
  assertEquals(engine.names(), ["late"]);
});

Deno.test("Scan gives two links to one directory one supervisor", () => {
  const engine = new ScanEngine();
  engine.fake.addDirectory("/elsewhere");
  engine.fake.addLink("/service/one", "/elsewhere");
  engine.fake.addLink("/service/two", "/elsewhere");
  engine.scan.begin();
  assertEquals(engine.fake.started.length, 1);
});

Deno.test("Scan keeps the supervisor of a renamed directory", async () => {
  const engine = new ScanEngine();
  engine.addService("a");
  engine.scan.begin();
  engine.fake.move("/service/a", "/service/b");
  await engine.pass(6000);
  assertEquals([engine.names(), engine.fake.started.length], [["b"], 1]);
});

Deno.test("Scan brings back a supervisor that was told to leave", async () => {
  const engine = new ScanEngine();
  engine.addService("a");
  engine.scan.begin();
  await engine.pass(2000);
  engine.fake.feed("/service/a/supervise/control", "dx");
  await engine.settle();
  const { pid } = engine.processOf("a");
  engine.fake.endProcess(pid);
  await engine.settle();
  assertEquals([...engine.scan.services][0]!.main, undefined);
  await engine.pass(5000);
  assert(engine.processOf("a").pid !== pid);
});

Deno.test("Scan lets go of a removed service once nothing of it is supervised", async () => {
  const engine = new ScanEngine();
  engine.addService("a", true);
  engine.scan.begin();
  const openBefore = engine.fake.open.size;
  const [main, log] = [engine.processOf("a").pid, engine.processOf("a/log").pid];
  engine.fake.move("/service/a", "/gone");
  await engine.pass(6000);
  assertEquals(engine.names(), ["a"]);
  engine.fake.feed("/gone/supervise/control", "dx");
  engine.fake.feed("/gone/log/supervise/control", "dx");
  await engine.settle();
  engine.fake.endProcess(main);
  engine.fake.endProcess(log);
  await engine.pass(6000);
  assertEquals(engine.names(), []);
  // Four descriptors a supervisor, and the pipe's two ends.
  assertEquals(engine.fake.open.size, openBefore - 10);
});

Deno.test("Scan keeps a pipe over restarts of either side", async () => {
  const engine = new ScanEngine();
  engine.addService("a", true);
  engine.scan.begin();
  const { stdoutFd } = engine.processOf("a").plan;
  const { stdinFd } = engine.processOf("a/log").plan;
  await engine.pass(2000);
  engine.fake.endProcess(engine.processOf("a").pid);
  engine.fake.endProcess(engine.processOf("a/log").pid);
  await engine.pass(2000);
  assertEquals(engine.processOf("a").plan.stdoutFd, stdoutFd);
  assertEquals(engine.processOf("a/log").plan.stdinFd, stdinFd);
});

Deno.test("Scan connects a logger that was made late", async () => {
  const engine = new ScanEngine();
  engine.addService("a");
  engine.scan.begin();
  engine.fake.addDirectory("/service/a/log");
  await engine.pass(6000);
  const { stdinFd } = engine.processOf("a/log").plan;
  assertEquals(engine.messages, [
    "svscan: warning: found a logger for a while it was running: " +
    "it is connected when the service starts again, as after svc -t",
  ]);
  engine.fake.endProcess(engine.processOf("a").pid);
  await engine.settle();
  const { stdoutFd } = engine.processOf("a").plan;
  assertEquals(engine.fake.open.get(stdoutFd!)!.node, engine.fake.open.get(stdinFd!)!.node);
});

Deno.test("Scan does not listen to a service that makes file after file, until it scans again", async () => {
  const engine = new ScanEngine();
  engine.addService("a");
  engine.scan.begin();
  await engine.pass(5500);
  for (let made = 0; made < 300; made++) engine.fake.noticeName("/service/a", `file${made}`);
  await engine.pass(100);
  assertEquals(engine.fake.watchedDirectories(), ["/service"]);
  await engine.pass(5000);
  assertEquals(engine.fake.watchedDirectories(), ["/service", "/service/a"]);
  engine.fake.addDirectory("/service/a/log");
  engine.fake.noticeName("/service/a", "log");
  await engine.pass(20);
  assert(engine.processOf("a/log").pid > 0);
});

Deno.test("Scan runs a service whose log is a plain file, without a pipe", () => {
  const engine = new ScanEngine();
  engine.addService("a");
  engine.fake.addFile("/service/a/log");
  engine.scan.begin();
  assertEquals(engine.processOf("a").plan.stdoutFd, undefined);
  assertEquals(engine.messages, ["supervise: fatal: unable to chdir to a/log: not a directory"]);
});

Deno.test("Scan tells of trouble with one service and starts the others", async () => {
  const engine = new ScanEngine();
  engine.addService("a");
  engine.addService("b", true);
  engine.addService("c");
  engine.fake.addLink("/service/dangling", "/no/such");
  engine.fake.failures.pipe = ["EMFILE"];
  engine.fake.failures.openAppend = ["EROFS"];
  engine.scan.begin();
  assertEquals(engine.messages, [
    "supervise: fatal: unable to acquire a/supervise/lock: read-only file system",
    "svscan: warning: unable to create pipe for b: process cannot open more files",
    "svscan: warning: unable to stat dangling: file does not exist",
  ]);
  assertEquals(engine.fake.started.length, 1);
  await engine.pass(6000);
  assertEquals(engine.fake.started.length, 4);
});

Deno.test("Scan tells of trouble once in five seconds, however often names change", async () => {
  const engine = new ScanEngine();
  engine.addService("a");
  engine.fake.addLink("/service/dangling", "/no/such");
  engine.fake.failures.openAppend = ["EAGAIN", "EAGAIN"];
  engine.scan.begin();
  const told = [
    "supervise: fatal: unable to acquire a/supervise/lock: temporary failure",
    "svscan: warning: unable to stat dangling: file does not exist",
  ];
  for (let change = 0; change < 40; change++) {
    engine.fake.noticeChange();
    await engine.pass(100);
  }
  assertEquals(engine.messages, told);
  await engine.pass(5000);
  assertEquals(engine.messages, [...told, ...told]);
  engine.fake.addDirectory("/no/such");
  engine.fake.noticeChange();
  await engine.pass(20);
  assertEquals([engine.names(), engine.fake.running.size], [["a", "dangling"], 1]);
  await engine.pass(6000);
  assertEquals(engine.fake.running.size, 2);
});

Deno.test("Scan keeps everything when the directory cannot be read", async () => {
  const engine = new ScanEngine();
  engine.addService("a");
  engine.scan.begin();
  engine.fake.failures.readDirectory = ["EIO"];
  await engine.pass(6000);
  assertEquals(engine.messages, ["svscan: warning: unable to read directory: input/output error"]);
  assertEquals([engine.names(), engine.fake.running.size], [["a"], 1]);
});

Deno.test("Scan has no limit of a thousand services", () => {
  const engine = new ScanEngine();
  for (let number = 0; number < 1500; number++) engine.addService(`s${number}`);
  engine.scan.begin();
  assertEquals(engine.fake.running.size, 1500);
});

Deno.test("Shutdown ends services first, and a logger when its input is drained", async () => {
  const engine = new ScanEngine();
  engine.addService("a", true);
  engine.addService("b");
  engine.scan.begin();
  await engine.pass(2000);
  const [main, log, other] = ["a", "a/log", "b"].map((name) => engine.processOf(name));
  const pipe = engine.fake.open.get(log!.plan.stdinFd!)!.node;
  pipe.bytes = [1, 2, 3];
  engine.shutdown = new Shutdown(engine.host, engine.scan);
  const { TERM, CONT } = SIGNAL;
  assertEquals([main!.signals, log!.signals, other!.signals], [[TERM, CONT], [], [TERM, CONT]]);
  engine.fake.endProcess(main!.pid);
  engine.fake.endProcess(other!.pid);
  await engine.pass(5000);
  assertEquals([engine.shutdown.finished, log!.signals], [false, []]);
  pipe.bytes = [];
  await engine.pass(500);
  engine.fake.endProcess(log!.pid);
  await engine.pass(1);
  assertEquals([engine.shutdown.finished, log!.signals], [true, []]);
  assertEquals(engine.fake.started.length, 3);
});

Deno.test("Shutdown tells a logger to end that does not heed the end of its input", async () => {
  const engine = new ScanEngine();
  engine.addService("a", true);
  engine.scan.begin();
  await engine.pass(2000);
  const log = engine.processOf("a/log");
  engine.shutdown = new Shutdown(engine.host, engine.scan);
  engine.fake.endProcess(engine.processOf("a").pid);
  await engine.pass(900);
  assertEquals(log.signals, []);
  await engine.pass(200);
  assertEquals(log.signals, [SIGNAL.TERM, SIGNAL.CONT]);
});

Deno.test("Shutdown starts a logger again that dies before it has read everything", async () => {
  const engine = new ScanEngine();
  engine.addService("a", true);
  engine.scan.begin();
  await engine.pass(2000);
  const log = engine.processOf("a/log");
  const pipe = engine.fake.open.get(log.plan.stdinFd!)!.node;
  pipe.bytes = [1, 2, 3];
  engine.shutdown = new Shutdown(engine.host, engine.scan);
  engine.fake.endProcess(engine.processOf("a").pid);
  await engine.pass(1);
  engine.fake.endProcess(log.pid);
  await engine.pass(1);
  const second = engine.processOf("a/log");
  // It reads the rest and meets the end of its input before anybody looks.
  pipe.bytes = [];
  engine.fake.endProcess(second.pid);
  await engine.pass(1);
  assertEquals([engine.shutdown.finished, engine.fake.running.size], [true, 0]);
});

Deno.test("Shutdown gives up on a logger that cannot run, and says what is lost", async () => {
  const engine = new ScanEngine();
  engine.addService("a", true);
  engine.scan.begin();
  await engine.pass(2000);
  const log = engine.processOf("a/log");
  engine.fake.open.get(log.plan.stdinFd!)!.node.bytes = [1, 2, 3];
  engine.fake.failures.spawn = Array(100).fill("ENOENT");
  engine.shutdown = new Shutdown(engine.host, engine.scan);
  engine.fake.endProcess(engine.processOf("a").pid);
  engine.fake.endProcess(log.pid);
  await engine.pass(4000);
  assertEquals(engine.shutdown.finished, false);
  await engine.pass(2000);
  assertEquals(engine.shutdown.finished, true);
  assertEquals(
    engine.messages.at(-1),
    "svscan: warning: a/log has not read 3 bytes, and they are lost: it does not run",
  );
});

Deno.test("Shutdown says what is lost where no logger is supervised", async () => {
  const engine = new ScanEngine();
  engine.addService("a", true);
  // The service's lock and record, then the logger's lock.
  engine.fake.failures.openAppend = [undefined, undefined, "EROFS"];
  engine.scan.begin();
  const { plan, pid } = engine.processOf("a");
  engine.fake.open.get(plan.stdoutFd!)!.node.bytes = [1, 2];
  engine.shutdown = new Shutdown(engine.host, engine.scan);
  engine.fake.endProcess(pid);
  await engine.pass(1);
  assertEquals(engine.shutdown.finished, true);
  assertEquals(engine.messages, [
    "supervise: fatal: unable to acquire a/log/supervise/lock: read-only file system",
    "svscan: warning: a/log has not read 2 bytes, and they are lost: it is not supervised",
  ]);
});

Deno.test("Shutdown does not wait for a logger that was told down", async () => {
  const engine = new ScanEngine();
  engine.addService("a", true);
  engine.fake.addFile("/service/a/log/down");
  engine.scan.begin();
  const { stdoutFd } = engine.processOf("a").plan;
  engine.fake.open.get(stdoutFd!)!.node.bytes = [1];
  engine.shutdown = new Shutdown(engine.host, engine.scan);
  engine.fake.endProcess(engine.processOf("a").pid);
  await engine.pass(1);
  assertEquals(engine.shutdown.finished, true);
  assertEquals(engine.messages, [
    "svscan: warning: a/log has not read 1 bytes, and they are lost: it is down",
  ]);
});

Deno.test("Shutdown names what it waits for, and starts nothing", async () => {
  const engine = new ScanEngine();
  engine.addService("stubborn");
  engine.scan.begin();
  await engine.pass(2000);
  const { pid } = engine.processOf("stubborn");
  engine.shutdown = new Shutdown(engine.host, engine.scan);
  engine.addService("new");
  engine.fake.feed("/service/stubborn/supervise/control", "u");
  await engine.pass(10_100);
  assertEquals(engine.messages, [
    `svscan: warning: still waiting for stubborn (pid ${pid}) to end`,
  ]);
  engine.fake.endProcess(pid);
  await engine.pass(1);
  assertEquals([engine.shutdown.finished, engine.fake.started.length], [true, 1]);
});

Deno.test("Shutdown of services that are down is finished at once", () => {
  const engine = new ScanEngine();
  engine.addService("a");
  engine.fake.addFile("/service/a/down");
  engine.scan.begin();
  engine.shutdown = new Shutdown(engine.host, engine.scan);
  assertEquals(engine.shutdown.finished, true);
});
