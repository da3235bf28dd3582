/** What log hosts have room for: descriptors are few, on a fake kernel. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { SystemError } from "../../src/base/system_error.ts";
import { LogHostsWorld as World } from "./log_hosts_world.ts";

/** Log hosts each of which has room for so many descriptors of streams. */
function narrowWorld(room: bigint): World {
  return new World(28n + room);
}

Deno.test("LogHosts.start() starts another host where one has no room for a stream", () => {
  const world = narrowWorld(12n);
  const pids = ["a", "b", "c"].map((name) => world.open(name).pid);
  assertEquals(pids, [0, 0, 1].map((index) => world.process(index).pid));
  assertEquals(world.open("wide", { descriptors: 7 }).pid, world.process(2).pid);
  assertEquals(world.open("too wide", { descriptors: 100 }).pid, world.process(3).pid);
  assertEquals(world.open("d").pid, world.process(1).pid);
});

Deno.test("LogHosts.start() leaves a logger to its own process where descriptors are short", () => {
  const world = new World();
  world.fake.failures["spawn"] = ["EMFILE", "EAGAIN"];
  assert(!world.open("a"));
  assertThrows(() => world.open("a"), SystemError);
  assertEquals(world.open("a").pid, world.process(0).pid);
});

Deno.test("A host gets new streams when others of it have ended, and ends with its last one", async () => {
  const world = narrowWorld(12n);
  for (const name of ["a", "b", "c"]) world.open(name);
  await world.say(0, { kind: "ended", id: 1, status: 0 });
  assertEquals(world.open("a").pid, world.process(0).pid);
  const open = world.fake.open.size;
  await world.say(1, { kind: "ended", id: 3, status: 0 });
  assertEquals(world.fake.open.size, open - 1, "the socket of the second host is closed");
});

Deno.test("A host that is full gets no new stream until one of its own ends", async () => {
  const world = new World();
  for (const name of ["a", "b", "c", "d"]) world.open(name);
  for (const id of [3, 4]) await world.say(0, { kind: "full", id });
  assertEquals(world.ends.splice(0), [["c", 111 << 8], ["d", 111 << 8]]);
  assertEquals(world.open("c").pid, world.process(1).pid);
  await world.say(0, { kind: "ended", id: 1, status: 0 });
  assertEquals(world.open("a").pid, world.process(0).pid);
  assertEquals(world.open("d").pid, world.process(1).pid);
});

Deno.test("A host that has no room for its only stream is let go", async () => {
  const world = new World();
  world.open("a");
  await world.say(0, { kind: "full", id: 1 });
  assertEquals(world.ends, [["a", 111 << 8]]);
  assertEquals(world.open("a").pid, world.process(1).pid);
  world.fake.endProcess(world.process(0).pid);
  await world.pass(20_000);
  assertEquals(world.process(0).signals, []);
});

Deno.test("Pipes that are held take room until they are let go", async () => {
  const world = narrowWorld(6n);
  world.wanted = world.log();
  for (let count = 0; count < 8; count++) world.hold(`held${count}`);
  assertEquals([(await world.commands(0)).length, (await world.commands(1)).length], [6, 2]);
  world.open("a");
  assertEquals((await world.commands(2)).map(({ kind }) => kind), ["open"]);
  world.hosts.release();
  for (const index of [0, 1]) world.fake.endProcess(world.process(index).pid);
  assertEquals(world.open("b").pid, world.process(3).pid, "those without a stream are let go");
});

Deno.test("A host keeps the pipes that it holds when its last stream ends", async () => {
  const world = new World();
  world.open("a");
  world.hold("b");
  await world.say(0, { kind: "ended", id: 1, status: 0 });
  assertEquals(world.open("b").pid, world.process(0).pid);
});
