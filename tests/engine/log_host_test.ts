import { assertEquals } from "@std/assert";
import { type Bytes, decode, encode } from "../../src/base/bytes.ts";
import { ERRNO } from "../../src/base/errno.ts";
import { decodeReport, encodeCommand, type HostCommand } from "../../src/base/log_host_messages.ts";
import { createReporter, fatal } from "../../src/base/messages.ts";
import { SIGNAL } from "../../src/base/signals.ts";
import { SystemError } from "../../src/base/system_error.ts";
import { type HostedStream, LogHost, type StreamOrder } from "../../src/logging/log_host.ts";
import type { ReceivedMessage } from "../../src/system/kernel.ts";
import { Engine } from "./engine.ts";

const SOCKET = 3;
const END: ReceivedMessage = { data: encode(""), fds: [], isWhole: true };

/** A stream that does nothing but note what it is told. */
class IdleStream implements HostedStream {
  readonly told: string[] = [];
  end: (errno: number) => void = () => {};
  readonly #ended = new Promise<number>((resolve) => this.end = resolve);
  run = () => this.#ended;
  stop = () => void this.told.push("stop");
  rotate = () => void this.told.push("rotate");
  pause = () => void this.told.push("pause");
  resume = () => void this.told.push("resume");
  abandon = () => {
    this.told.push("abandon");
    this.end(0);
  };
}

/** A host whose svscan is the test. */
class World {
  readonly engine = new Engine();
  readonly inbox: ReceivedMessage[] = [];
  readonly outbox: string[] = [];
  readonly closed: number[] = [];
  readonly counts: number[] = [];
  readonly streams: IdleStream[] = [];
  readonly messages: string[] = [];
  /** How the next messages of the host fail. */
  readonly failures: (keyof typeof ERRNO)[] = [];
  /** Whether svscan was killed with reports that it had not read. */
  isReset = false;
  /** How the next stream is opened. */
  open: (order: StreamOrder) => Promise<HostedStream> = () => {
    const stream = new IdleStream();
    this.streams.push(stream);
    return Promise.resolve(stream);
  };
  readonly host: LogHost;

  constructor() {
    const { fake, host: { reactor } } = this.engine;
    // As readable as a real socket would be.
    fake.socketPair();
    const kernel = {
      receiveMessage: () => {
        if (this.isReset) {
          this.isReset = false;
          throw new SystemError("recvmsg", ERRNO.ECONNRESET);
        }
        return this.inbox.shift() ?? null;
      },
      sendMessage: (_fd: number, data: Bytes) => {
        const failure = this.failures.shift();
        if (failure !== undefined) throw new SystemError("sendmsg", ERRNO[failure]);
        const report = decodeReport(data)!;
        if (report.kind !== "next") this.outbox.push(JSON.stringify(report));
      },
      close: (fd: number) => void this.closed.push(fd),
    };
    const print = (_: StreamOrder, line: Bytes) => void this.messages.push(decode(line).trimEnd());
    const parts = {
      kernel,
      reactor,
      reporter: createReporter("log-host", (line) => this.messages.push(decode(line).trimEnd())),
      open: (order: StreamOrder) => this.open(order),
      describeBug: (error: unknown) => Promise.resolve(`${error} (src/some.ts:1:2)`),
      print,
    };
    this.host = new LogHost(parts, SOCKET, (count) => this.counts.push(count));
  }

  async say(...messages: (HostCommand | ReceivedMessage)[]): Promise<void> {
    for (const message of messages) {
      const isCommand = "kind" in message;
      const fds = isCommand && message.kind === "open"
        ? [10 * message.id, 10 * message.id + 1]
        : [];
      this.inbox.push(isCommand ? { data: encodeCommand(message), fds, isWhole: true } : message);
      if (!isCommand || message.kind !== "open") continue;
      this.inbox.push({
        data: encodeCommand({ ...message, kind: "begin" }),
        fds: [],
        isWhole: true,
      });
    }
    this.engine.fake.open.get(SOCKET)!.node.bytes = [1];
    await this.engine.settle();
    this.engine.fake.open.get(SOCKET)!.node.bytes = [];
    await this.engine.settle();
  }

  /** Ends the first stream, and lets all that follows happen. */
  async endFirst(errno: number): Promise<void> {
    this.streams[0]!.end(errno);
    for (let turn = 0; turn < 5; turn++) await this.engine.settle();
  }

  reports(): unknown[] {
    return this.outbox.splice(0).map((text) => JSON.parse(text));
  }
}

const order = (id: number): HostCommand => {
  return { kind: "open", id, args: [encode("./main")], joinsErrorToOutput: false };
};

Deno.test("LogHost opens what it is asked for, and tells how many streams there are", async () => {
  const world = new World();
  await world.say(order(1), order(2));
  assertEquals(world.streams.length, 2);
  await world.endFirst(0);
  assertEquals(world.reports(), [{ kind: "ended", id: 1, status: 0 }]);
  assertEquals(world.closed, [10, 11]);
  assertEquals(world.counts, [1, 2, 1]);
});

Deno.test("LogHost does with signals what multilog does, or what a process would", async () => {
  const world = new World();
  await world.say(order(1));
  for (
    const signal of [SIGNAL.ALRM, SIGNAL.STOP, SIGNAL.CONT, SIGNAL.HUP, SIGNAL.INT, SIGNAL.TERM]
  ) {
    await world.say({ kind: "signal", id: 1, signal });
  }
  assertEquals(world.streams[0]!.told, ["rotate", "pause", "resume", "stop", "stop", "stop"]);
  for (const signal of [SIGNAL.QUIT, SIGNAL.USR1, SIGNAL.USR2, SIGNAL.TSTP]) {
    await world.say({ kind: "signal", id: 1, signal });
  }
  await world.say({ kind: "signal", id: 1, signal: SIGNAL.WINCH });
  assertEquals(world.streams[0]!.told.slice(6), ["stop", "stop", "stop", "pause"]);
  await world.say({ kind: "signal", id: 1, signal: SIGNAL.KILL });
  assertEquals(world.reports(), [{ kind: "ended", id: 1, status: SIGNAL.KILL }]);
  await world.say({ kind: "signal", id: 1, signal: SIGNAL.TERM });
});

Deno.test("LogHost keeps signals for a stream that is not open yet", async () => {
  const world = new World();
  await world.say(order(1), { kind: "signal", id: 1, signal: SIGNAL.TERM });
  assertEquals(world.streams[0]!.told, ["stop"]);
});

Deno.test("LogHost tells of a failed read, and of a log that cannot be had", async () => {
  const world = new World();
  await world.say(order(1));
  await world.endFirst(ERRNO.EIO);
  assertEquals(world.reports(), [{ kind: "ended", id: 1, status: 111 << 8 }]);
  world.open = () =>
    fatal("multilog", ["unable to lock directory ./main"], new SystemError("", 11));
  await world.say(order(2));
  assertEquals(world.reports(), [{ kind: "ended", id: 2, status: 111 << 8 }]);
  assertEquals(world.messages, [
    "multilog: fatal: unable to lock directory ./main: temporary failure",
  ]);
});

Deno.test("LogHost ends one stream with a bug in it, and no other", async () => {
  const world = new World();
  await world.say(order(1));
  world.open = () => Promise.reject(new TypeError("oops"));
  await world.say(order(2));
  assertEquals(world.reports(), [{ kind: "ended", id: 2, status: 111 << 8 }]);
  assertEquals(world.messages, [
    "log-host: fatal: this is a bug: TypeError: oops (src/some.ts:1:2)",
  ]);
  assertEquals(world.counts, [1, 2, 1]);
});

Deno.test("LogHost goes on without svscan until its streams have ended", async () => {
  const world = new World();
  await world.say(order(1), END);
  assertEquals([world.host.isOver, world.closed], [false, [SOCKET]]);
  await world.endFirst(0);
  assertEquals(world.host.isOver, true);
});

Deno.test("LogHost holds pipes until it may let go, or svscan is gone for ten seconds", async () => {
  const hold = (fd: number) => ({
    data: encodeCommand({ kind: "hold" }),
    fds: [fd],
    isWhole: true,
  });
  const world = new World();
  await world.say(hold(50), hold(51));
  await world.engine.pass(3_600_000);
  assertEquals(world.closed, []);
  await world.say({ kind: "release" });
  assertEquals(world.closed.splice(0), [50, 51]);
  await world.say(hold(52), END);
  await world.engine.pass(9000);
  assertEquals([world.closed.splice(0), world.host.isOver], [[SOCKET], false]);
  await world.engine.pass(2000);
  assertEquals([world.closed, world.host.isOver], [[52], true]);
  const leaving = new World();
  await leaving.say(hold(53));
  leaving.host.leave();
  await leaving.say(hold(54));
  assertEquals([leaving.closed, leaving.host.isOver], [[53, 54], true]);
});

Deno.test("LogHost holds the input of a stream that svscan did not live to let begin", async () => {
  const world = new World();
  const opened = { data: encodeCommand(order(1)), fds: [10, 11], isWhole: true };
  await world.say(opened);
  assertEquals([world.streams.length, world.counts], [0, [1]]);
  await world.say(END);
  assertEquals([world.closed.splice(0), world.counts], [[SOCKET, 11], [1, 0]]);
  await world.engine.pass(11_000);
  assertEquals([world.closed, world.host.isOver, world.streams.length], [[10], true, 0]);
});

Deno.test("LogHost reads what a svscan that was killed has said last", async () => {
  const world = new World();
  world.isReset = true;
  await world.say({ data: encodeCommand({ kind: "hold" }), fds: [50], isWhole: true }, END);
  assertEquals([world.closed.splice(0), world.host.isOver], [[SOCKET], false]);
  await world.engine.pass(11_000);
  assertEquals([world.closed, world.host.isOver], [[50], true]);
});

Deno.test("LogHost goes on without a svscan that had not read all reports", async () => {
  const world = new World();
  await world.say(order(1));
  world.isReset = true;
  await world.say(END);
  assertEquals([world.host.isOver, world.closed, world.messages], [false, [SOCKET], []]);
});

Deno.test("LogHost leaves when its streams have ended, and takes no more until then", async () => {
  const world = new World();
  await world.say(order(1));
  world.host.leave();
  await world.say(order(2));
  // A stream that was paused comes to its end too.
  assertEquals(world.streams[0]!.told, ["stop", "resume"]);
  assertEquals(world.reports(), [{ kind: "leaving" }, { kind: "ended", id: 2, status: 0 }]);
  assertEquals([world.host.isOver, world.closed], [false, [20, 21]]);
  await world.endFirst(0);
  assertEquals(world.host.isOver, true);
});

Deno.test("LogHost closes what came with a message that it does not understand", async () => {
  const world = new World();
  await world.say({ data: encode("?"), fds: [70], isWhole: true });
  assertEquals(world.closed, [70]);
});

Deno.test("LogHost ends a stream whose descriptors had no room", async () => {
  const world = new World();
  await world.say({ data: encodeCommand(order(4)), fds: [], isWhole: false });
  assertEquals(world.reports(), [{ kind: "full", id: 4 }]);
  assertEquals(world.messages, [
    "log-host: fatal: unable to receive the descriptors of a log: process cannot open more files",
  ]);
});

Deno.test("LogHost tells that it has no descriptors left for a stream", async () => {
  const world = new World();
  world.open = () =>
    fatal("multilog", ["unable to open directory ./main"], new SystemError("open", ERRNO.EMFILE));
  await world.say(order(1));
  assertEquals(world.reports(), [{ kind: "full", id: 1 }]);
  assertEquals(world.messages, [
    "multilog: fatal: unable to open directory ./main: process cannot open more files",
  ]);
  assertEquals([world.counts, world.closed], [[1, 0], [10, 11]]);
});

Deno.test("LogHost tells later what the socket has no room for", async () => {
  const world = new World();
  await world.say(order(1));
  world.failures.push("EAGAIN", "EAGAIN");
  await world.endFirst(0);
  assertEquals(world.reports(), []);
  await world.engine.pass(100);
  assertEquals(world.reports(), [{ kind: "ended", id: 1, status: 0 }]);
});
