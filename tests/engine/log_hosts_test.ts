import { assertEquals, assertThrows } from "@std/assert";
import { decode, encode } from "../../src/base/bytes.ts";
import { decodeCommand, encodeReport } from "../../src/base/log_host_messages.ts";
import { SystemError } from "../../src/base/system_error.ts";
import { LogHostsWorld as World } from "./log_hosts_world.ts";

const KILL = 9;
const CONT = 18;
const TERM = 15;

Deno.test("LogHosts.start() starts one host an account, as our own executable", () => {
  const world = new World();
  const pids = [world.open("a").pid, world.open("b").pid];
  const www = world.open("c", { account: encode("www") });
  assertEquals(world.fake.started.length, 2);
  assertEquals(pids, [world.process(0).pid, world.process(0).pid]);
  assertEquals(www.pid, world.process(1).pid);
  const { path, argv } = world.process(1).plan;
  assertEquals(decode(path as Uint8Array), "/command/multilog");
  assertEquals(argv.slice(0, 3).map(decode), ["daemontools", "log-host", "www"]);
});

Deno.test("LogHosts.start() starts a host of its own for each set of file systems", () => {
  const world = new World();
  const pids = [["/"], ["/a"], ["/", "/a"], ["/"]].map((mounts, index) =>
    world.open(`${index}`, { mounts }).pid
  );
  assertEquals(new Set(pids).size, 3);
  assertEquals(pids[0], pids[3]);
});

Deno.test("LogHosts.start() hands over the script, the input and the directory", async () => {
  const world = new World();
  world.open("a", { joinsErrorToOutput: true });
  await world.settle();
  const [message] = world.fake.receivedBy(world.process(0));
  assertEquals(message!.files, ["pipe", "/a/log"]);
  assertEquals(decodeCommand(message!.data), {
    kind: "open",
    id: 1,
    args: [encode("t"), encode("./main")],
    joinsErrorToOutput: true,
  });
});

Deno.test("LogHosts.start() lets a stream begin when it is on record where it is", async () => {
  const world = new World();
  const stream = world.open("a");
  const kinds = () => world.allCommands(0).map(({ kind }) => kind);
  assertEquals(kinds(), ["open"]);
  stream.signal(TERM);
  assertEquals(kinds(), ["begin", "signal"]);
  world.open("b");
  assertEquals(kinds(), ["open"]);
  await world.settle();
  assertEquals(kinds(), ["begin"]);
});

Deno.test("A stream of a host ends with the status that the host tells, and gets its signals", async () => {
  const world = new World();
  const stream = world.open("a");
  world.open("b");
  stream.signal(TERM);
  assertEquals((await world.commands(0))[2], { kind: "signal", id: 1, signal: TERM });
  await world.say(0, { kind: "ended", id: 1, status: 111 << 8 });
  assertEquals(world.ends, [["a", 111 << 8]]);
  stream.signal(TERM);
  assertEquals(await world.commands(0), [], "nobody gets the signal of a stream that has ended");
});

Deno.test("A host that ends takes all its streams with it, and others start in a new one", async () => {
  const world = new World();
  world.open("a");
  world.open("b");
  world.fake.endProcess(world.process(0).pid, 9);
  await world.settle();
  assertEquals(world.ends, [["a", 9], ["b", 9]]);
  assertEquals(world.hosts.isIdle, true);
  world.open("a");
  assertEquals(world.fake.started.length, 2);
});

Deno.test("A host without streams is let go", async () => {
  const world = new World();
  world.open("a");
  const open = world.fake.open.size;
  await world.say(0, { kind: "ended", id: 1, status: 0 });
  assertEquals(world.fake.open.size, open - 1, "its socket is closed");
  assertEquals(world.hosts.isIdle, false);
  world.open("b");
  assertEquals(world.fake.started.length, 2, "it gets no new stream");
  world.fake.endProcess(world.process(0).pid);
  await world.settle();
  assertEquals(world.ends, [["a", 0]]);
});

Deno.test("A host holds pipes of streams that come later, for a minute or until the end", async () => {
  const world = new World();
  world.open("a");
  const kinds = async (index: number) => (await world.commands(index)).map(({ kind }) => kind);
  world.hold("b");
  await world.pass(59_000);
  world.hold("b");
  await world.pass(59_000);
  assertEquals(await kinds(0), ["open", "hold", "hold"]);
  await world.pass(2000);
  assertEquals(await kinds(0), ["release"]);
  const open = world.fake.open.size;
  world.wanted = { ...world.wanted!, account: encode("www") };
  world.hold("b");
  world.hosts.release();
  assertEquals([await kinds(0), await kinds(1)], [[], ["hold", "release"]]);
  // It has no stream, so it is let go. The directory and the pipe's ends stay.
  assertEquals(world.fake.open.size, open + 3);
});

Deno.test("A host can end no stream but its own, and no stream twice", async () => {
  const world = new World();
  world.open("a");
  world.open("b", { account: encode("www") });
  await world.say(1, { kind: "ended", id: 1, status: 0 });
  world.fake.sendFrom(world.process(1), encode("rubbish"));
  await world.say(1, { kind: "ended", id: 77, status: 0 });
  assertEquals(world.ends, []);
  await world.say(0, { kind: "ended", id: 1, status: 0 });
  assertEquals(world.ends, [["a", 0]]);
});

Deno.test("A host that tells of the end of its streams and runs on is ended, at last by force", async () => {
  const world = new World();
  world.open("a");
  await world.say(0, { kind: "ended", id: 1, status: 0 });
  const { pid, signals } = world.process(0);
  await world.pass(4000);
  assertEquals(signals, []);
  await world.pass(2000);
  assertEquals(signals, [TERM]);
  await world.pass(5000);
  assertEquals(signals, [TERM, KILL]);
  assertEquals(world.messages, [
    `svscan: warning: log host ${pid} has no logs and does not end: it is killed`,
  ]);
  world.fake.endProcess(pid, KILL);
  await world.settle();
  assertEquals(world.hosts.isIdle, true);
});

Deno.test("A host that ends in time is sent no signal", async () => {
  const world = new World();
  world.open("a");
  await world.say(0, { kind: "ended", id: 1, status: 0 });
  world.fake.endProcess(world.process(0).pid);
  await world.pass(20_000);
  assertEquals(world.process(0).signals, []);
});

Deno.test("A host that gives its socket up and runs on is told to end, and svc can kill it", async () => {
  const world = new World();
  const stream = world.open("a");
  world.fake.sendFrom(world.process(0), encode(""));
  await world.settle();
  const { pid, signals } = world.process(0);
  assertEquals(signals, [TERM]);
  assertEquals(world.ends, [], "its streams end with it");
  stream.signal(TERM);
  stream.signal(KILL);
  assertEquals(signals, [TERM, KILL]);
  world.fake.endProcess(pid, KILL);
  await world.settle();
  assertEquals(world.ends, [["a", KILL]]);
});

Deno.test("A host that does not end a log that is killed is killed itself", async () => {
  const world = new World();
  const [prompt, hanging] = [world.open("a"), world.open("b")];
  const { pid, signals } = world.process(0);
  prompt.signal(KILL);
  await world.say(0, { kind: "ended", id: 1, status: KILL });
  await world.pass(20_000);
  assertEquals(signals, []);
  hanging.signal(KILL);
  await world.pass(9000);
  assertEquals(signals, []);
  await world.pass(2000);
  assertEquals(signals, [KILL]);
  assertEquals(world.messages, [
    `svscan: warning: log host ${pid} does not end a log: it is killed`,
  ]);
});

Deno.test("A host that was stopped goes on when a log is to go on", async () => {
  const world = new World();
  world.open("a").signal(CONT);
  assertEquals(world.process(0).signals, [CONT]);
  assertEquals((await world.commands(0)).at(-1), { kind: "signal", id: 1, signal: CONT });
});

Deno.test("A host gets no descriptors for a stream whose end it told before", async () => {
  const world = new World();
  world.open("a");
  await world.settle();
  world.fake.failures.sendMessage = ["EAGAIN"];
  world.open("b");
  await world.say(0, { kind: "ended", id: 2, status: 0 });
  await world.say(0, { kind: "next" });
  assertEquals((await world.commands(0)).length, 1, "that is for the first stream");
  const { pid, signals } = world.process(0);
  assertEquals(signals, [TERM]);
  assertEquals(world.messages, [
    `svscan: warning: log host ${pid} tells of a log that it does not have: it must end`,
  ]);
  world.fake.endProcess(pid, TERM);
  await world.settle();
  assertEquals(world.ends, [["a", TERM], ["b", TERM]]);
});

Deno.test("A host that never stops talking keeps nobody waiting", async () => {
  const world = new World();
  world.open("a");
  const talk = () => world.fake.sendFrom(world.process(0), encodeReport({ kind: "next" }));
  let reports = 0;
  world.fake.onCall = (call) => {
    if (call !== "receiveMessage") return;
    // As long as anybody listens.
    if (++reports < 1000) talk();
  };
  let counted: number | undefined;
  talk();
  world.host.reactor.post(() => counted = reports);
  await world.settle();
  assertEquals(counted! < 100, true, `${counted} reports`);
});

Deno.test("What a socket has no room for is sent when the host has read", async () => {
  const world = new World();
  world.open("a");
  await world.settle();
  world.fake.failures.sendMessage = ["EAGAIN", "EAGAIN"];
  world.open("b");
  world.open("c");
  assertEquals((await world.commands(0)).length, 1);
  await world.say(0, { kind: "next" });
  assertEquals((await world.commands(0)).map((command) => "id" in command && command.id), [2, 3]);
});

Deno.test("A host that is leaving gets no new stream, and ends those that it has", async () => {
  const world = new World();
  world.open("a");
  world.open("b");
  await world.say(0, { kind: "leaving" });
  await world.say(0, { kind: "ended", id: 1, status: 0 });
  world.open("a");
  assertEquals(world.fake.started.length, 2);
  await world.say(0, { kind: "ended", id: 2, status: 0 });
  assertEquals(world.ends, [["a", 0], ["b", 0]]);
});

Deno.test("A host that cannot be spoken with is told to end", async () => {
  const world = new World();
  world.fake.failures.sendMessage = ["ENOMEM"];
  world.open("a");
  await world.settle();
  assertEquals(world.process(0).signals, [TERM]);
  assertEquals(world.messages, [
    `svscan: warning: unable to speak with the log host ${world.process(0).pid}: out of memory`,
  ]);
  world.fake.endProcess(world.process(0).pid);
  await world.settle();
  assertEquals(world.ends, [["a", 0]]);
});

Deno.test("LogHosts.start() keeps nothing open when no host can be started", () => {
  const world = new World();
  world.fake.failures.spawn = ["EAGAIN"];
  assertThrows(() => world.open("a"), SystemError);
  assertEquals(world.fake.open.size, 3, "the pipe and the directory of the stream");
  assertEquals(world.hosts.isIdle, true);
});

Deno.test("What a user's limit of descriptors on their way keeps back is sent soon", async () => {
  const world = new World();
  world.open("a");
  await world.settle();
  world.fake.failures.sendMessage = ["ETOOMANYREFS", "ETOOMANYREFS"];
  world.open("b");
  assertEquals((await world.commands(0)).length, 1);
  await world.pass(1000);
  assertEquals((await world.commands(0)).map((command) => "id" in command && command.id), [2]);
  assertEquals([world.messages, world.process(0).signals], [[], []]);
});

Deno.test("LogHosts.start() keeps nothing open when a host's socket cannot be watched", () => {
  const world = new World();
  world.fake.failures.watch = ["ENOSPC"];
  assertThrows(() => world.open("a"), SystemError);
  assertEquals([world.fake.open.size, world.fake.started.length], [3, 0]);
});

Deno.test("LogHosts.start() hosts nothing whose script is not plain", () => {
  const world = new World();
  const { readFd } = world.fake.pipe();
  assertEquals(world.hosts.start({ inputFd: readFd, directoryFd: 3 }, () => {}), undefined);
  assertEquals(world.fake.started.length, 0);
});

Deno.test("LogHosts.start() hosts no script that is too long for a message", () => {
  const world = new World();
  assertEquals(world.open("a", { args: [new Uint8Array(70000).fill(0x61)] }), undefined);
  assertEquals(world.fake.started.length, 0);
});

Deno.test("LogHosts take a host that was killed before it read everything for gone", async () => {
  const world = new World();
  world.open("a");
  const openBefore = world.fake.open.size;
  world.fake.failures.receiveMessage = ["ECONNRESET"];
  await world.say(0, { kind: "next" });
  world.fake.endProcess(world.process(0).pid, 9);
  await world.settle();
  assertEquals([world.ends, world.messages], [[["a", 9]], []]);
  assertEquals(world.fake.open.size, openBefore - 1);
});
