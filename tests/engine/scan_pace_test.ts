/** How soon the scan takes up what comes late, and how it shares its time. */

import { assert, assertEquals } from "@std/assert";
import { ScanEngine } from "./scan_engine.ts";

Deno.test("Scan lets others have their turn while it starts many services", async () => {
  const engine = new ScanEngine();
  const names = Array.from({ length: 10 }, (_, index) => `s${index}`);
  for (const name of names) engine.addService(name);
  engine.fake.onCall = (call) => void (call === "spawn" && (engine.fake.timeMs += 15));
  engine.scan.begin();
  assertEquals(engine.fake.started.length, 1);
  engine.addService("late");
  engine.fake.noticeChange();
  const counts: number[] = [];
  const count = () => {
    counts.push(engine.fake.started.length);
    if (engine.fake.started.length < 11) engine.host.reactor.after(1, count);
  };
  count();
  await engine.pass(3000);
  assertEquals(counts.slice(0, 5), [1, 2, 3, 4, 5]);
  assertEquals(engine.fake.running.size, 11);
});

Deno.test("Scan lets others have their turn while it looks where many names lead", async () => {
  const engine = new ScanEngine();
  for (let number = 0; number < 10; number++) engine.addService(`s${number}`);
  engine.fake.onCall = (call) => void (call === "readLink" && (engine.fake.timeMs += 15));
  engine.scan.begin();
  let turns = 0;
  const count = () => {
    turns++;
    if (engine.fake.started.length === 0) engine.host.reactor.after(1, count);
  };
  count();
  await engine.pass(3000);
  assert(turns >= 9, `${turns} turns`);
  assertEquals(engine.fake.running.size, 10);
});

Deno.test("Scan that is ended sees all that is there, and starts none of it", async () => {
  const engine = new ScanEngine();
  for (let number = 0; number < 10; number++) engine.addService(`s${number}`);
  engine.fake.onCall = (call) => void (call === "spawn" && (engine.fake.timeMs += 15));
  engine.scan.begin();
  let isOver = 0;
  engine.scan.end(() => isOver++);
  assertEquals(isOver, 0);
  await engine.pass(6000);
  assertEquals([engine.fake.started.length, isOver], [1, 1]);
  assertEquals([...engine.scan.services].length, 10);
});

Deno.test("Scan finds a logger that comes late at once", async () => {
  const engine = new ScanEngine();
  engine.addService("a");
  engine.scan.begin();
  engine.fake.addDirectory("/service/a/log");
  engine.fake.noticeName("/service/a", "log");
  await engine.pass(20);
  assertEquals(engine.fake.started.length, 2);
});

Deno.test("Scan has a run script that comes late started at once", async () => {
  const engine = new ScanEngine();
  engine.fake.addDirectory("/service/a");
  engine.fake.failures.spawn = ["ENOENT"];
  engine.scan.begin();
  engine.fake.addFile("/service/a/run");
  engine.fake.noticeName("/service/a", "other");
  await engine.pass(20);
  assertEquals(engine.fake.running.size, 0);
  engine.fake.noticeName("/service/a", "run");
  await engine.pass(20);
  assertEquals(engine.fake.running.size, 1);
});

Deno.test("Scan does not watch a directory in which nothing is missing", async () => {
  const engine = new ScanEngine();
  engine.addService("a");
  engine.fake.addDirectory("/service/a/log");
  engine.scan.begin();
  assertEquals(engine.fake.watchedDirectories(), ["/service"]);
  engine.addService("b");
  engine.fake.noticeChange();
  await engine.pass(2000);
  assertEquals(engine.fake.watchedDirectories(), ["/service", "/service/b"]);
  engine.fake.addDirectory("/service/b/log");
  await engine.pass(5000);
  assertEquals(engine.fake.watchedDirectories(), ["/service"]);
});
