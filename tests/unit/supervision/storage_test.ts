import { assertEquals } from "@std/assert";
import { Reactor } from "../../../src/reactor/reactor.ts";
import { DeviceQueues } from "../../../src/supervision/storage.ts";

/** Devices that answer when a test says so. */
function world() {
  const looks: { fd: number; answer: () => void }[] = [];
  const look = (fd: number) => new Promise<void>((answer) => void looks.push({ fd, answer }));
  const kernel = { touchLater: look, statLater: look, renameToItselfLater: look };
  const poller = { turns: 0, add() {}, remove() {}, wake() {}, wait: async () => [] };
  const clock = { now: () => ({ seconds: 0, nanoseconds: 0 }), monotonicMs: () => 0 };
  const reactor = new Reactor(poller, clock, (error) => {
    throw error;
  });
  const turn = async () => {
    let turns = 0;
    await reactor.run(() => turns++ > 1);
  };
  const storage = new DeviceQueues(kernel, reactor);
  const done: string[] = [];
  const ask = (fd: number, device: number, name: string) =>
    storage.whenReady({ fd, device }, () => void done.push(name));
  const reach = (at: number, group: string, name: string) =>
    storage.whenReached({ at, path: "run", group }, () => void done.push(name));
  return { looks, turn, ask, reach, done, storage };
}

Deno.test("DeviceQueues do what waits for a device in order, after one look", async () => {
  const { looks, turn, ask, done } = world();
  for (const [index, name] of ["a", "b", "c"].entries()) ask(index, 1, name);
  await turn();
  assertEquals([looks.length, done], [1, []]);
  looks[0]!.answer();
  await turn();
  assertEquals(done, ["a", "b", "c"]);
});

Deno.test("DeviceQueues let nobody wait for another device", async () => {
  const { looks, turn, ask, done } = world();
  ask(3, 1, "sick");
  ask(4, 2, "sound");
  looks[1]!.answer();
  await turn();
  assertEquals([looks.map(({ fd }) => fd), done], [[3, 4], ["sound"]]);
});

Deno.test("DeviceQueues look again for what comes after a look", async () => {
  const { looks, turn, ask, done } = world();
  ask(3, 1, "a");
  looks[0]!.answer();
  await turn();
  ask(3, 1, "b");
  await turn();
  assertEquals([looks.length, done], [2, ["a"]]);
  looks[1]!.answer();
  await turn();
  assertEquals(done, ["a", "b"]);
});

Deno.test("DeviceQueues are idle when all that has waited has begun", async () => {
  const { looks, turn, ask, storage } = world();
  assertEquals(storage.isIdle, true);
  ask(3, 1, "a");
  ask(4, 1, "b");
  looks[0]!.answer();
  assertEquals(storage.isIdle, false);
  await turn();
  assertEquals(storage.isIdle, true);
});

Deno.test("DeviceQueues walk a path, and see whether it takes changes, once for a group", async () => {
  const { looks, turn, reach, done } = world();
  reach(3, "/mnt", "a");
  reach(4, "/mnt", "b");
  reach(5, "/", "sound");
  await turn();
  assertEquals(looks.map(({ fd }) => fd), [3, 5]);
  for (const { answer } of looks.splice(0)) answer();
  await turn();
  assertEquals([looks.map(({ fd }) => fd), done], [[3, 5], []]);
  looks[1]!.answer();
  await turn();
  assertEquals(done, ["sound"]);
  looks[0]!.answer();
  await turn();
  assertEquals(done, ["sound", "a", "b"]);
});

Deno.test("DeviceQueues leave threads of the runtime to others, however much is sick", async () => {
  const { looks, turn, ask, done } = world();
  for (let device = 0; device < 30; device++) ask(3, device, `${device}`);
  await turn();
  assertEquals(looks.length, 24);
  looks[0]!.answer();
  await turn();
  assertEquals([looks.length, done], [25, ["0"]]);
});

Deno.test("DeviceQueues do what is urgent before what was asked for earlier", async () => {
  const { looks, turn, storage, done } = world();
  const file = { fd: 3, device: 1 };
  storage.whenReady(file, () => void done.push("start"), "later");
  storage.whenReady(file, () => void done.push("death"));
  storage.whenReady(file, () => void done.push("letter"), "now");
  await turn();
  looks[0]!.answer();
  await turn();
  assertEquals([done, storage.isIdle], [["letter", "death", "start"], true]);
});
