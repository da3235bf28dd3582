import { assertEquals } from "@std/assert";
import { Reactor, type Urgency } from "../../../src/reactor/reactor.ts";
import type { Poller, PollManner } from "../../../src/system/kernel.ts";

/** A poller whose waits pass time on a clock of its own and find what a test says. */
function fakeWorld(ready: number[][] = []) {
  const world = { timeMs: 0, waits: [] as number[], wakes: 0 };
  const poller: Poller = {
    turns: 0,
    add: () => {},
    remove: () => {},
    wait: (timeoutMs) => {
      world.waits.push(timeoutMs);
      const found = ready.shift() ?? [];
      if (found.length === 0) world.timeMs += Math.max(timeoutMs, 0);
      return Promise.resolve(found);
    },
    wake: () => void world.wakes++,
  };
  const errors: unknown[] = [];
  const clock = { monotonicMs: () => world.timeMs, now: () => ({ seconds: 0, nanoseconds: 0 }) };
  const reactor = new Reactor(poller, clock, (error) => void errors.push(error));
  return { world, reactor, errors };
}

Deno.test("Reactor calls timers in the order of their deadlines", async () => {
  const { reactor, world } = fakeWorld();
  const calls: string[] = [];
  reactor.after(30, () => calls.push("c"));
  reactor.after(10, () => calls.push("a"));
  reactor.after(20, () => calls.push("b"));
  await reactor.run(() => calls.length === 3);
  assertEquals([calls, world.timeMs], [["a", "b", "c"], 30]);
});

Deno.test("Reactor forgets a cancelled timer, even one that is due", async () => {
  const { reactor } = fakeWorld();
  const calls: string[] = [];
  const later = reactor.after(10, () => calls.push("never"));
  reactor.after(5, () => reactor.cancel(later));
  reactor.after(20, () => calls.push("end"));
  await reactor.run(() => calls.includes("end"));
  assertEquals(calls, ["end"]);
});

Deno.test("Reactor calls no handler that an earlier one has removed", async () => {
  const { reactor } = fakeWorld([[3, 4]]);
  const calls: number[] = [];
  reactor.watch(3, () => {
    calls.push(3);
    reactor.unwatch(4);
  });
  reactor.watch(4, () => calls.push(4));
  await reactor.run(() => calls.length > 0);
  assertEquals(calls, [3]);
});

Deno.test("Reactor reports what a call throws and goes on", async () => {
  const { reactor, errors } = fakeWorld([[3]]);
  let done = false;
  reactor.watch(3, () => {
    throw new Error("handler");
  });
  reactor.post(() => {
    throw new Error("posted");
  });
  reactor.after(0, () => {
    throw new Error("timer");
  });
  reactor.after(1, () => done = true);
  await reactor.run(() => done);
  assertEquals(errors.map((error) => (error as Error).message), ["handler", "posted", "timer"]);
});

Deno.test("Reactor does what was posted at once, not at the next deadline", async () => {
  const { reactor, world } = fakeWorld();
  let done = false;
  reactor.after(5000, () => {});
  reactor.post(() => done = true);
  await reactor.run(() => done);
  assertEquals([world.waits, world.timeMs], [[0], 0]);
});

Deno.test("Reactor looks at descriptors between many timers that are due", async () => {
  const { reactor, world } = fakeWorld([[], [3]]);
  const calls: string[] = [];
  reactor.watch(3, () => calls.push("descriptor"));
  for (let number = 0; number < 8; number++) {
    reactor.after(5, () => {
      calls.push("timer");
      world.timeMs += 3;
    });
  }
  await reactor.run(() => calls.length === 9);
  assertEquals(calls.indexOf("descriptor"), 4);
});

Deno.test("Reactor calls a timer that a timer has set on its next turn", async () => {
  const { reactor, world } = fakeWorld();
  let calls = 0;
  const again = () => {
    calls++;
    reactor.after(0, again);
  };
  reactor.after(0, again);
  await reactor.run(() => calls >= 3);
  assertEquals([calls, world.waits.length], [3, 3]);
});

Deno.test("Reactor lets input have its turn while much is deferred, and what comes first go first", async () => {
  const { reactor, world } = fakeWorld(Array.from({ length: 100 }, () => [3]));
  const calls: string[] = [];
  reactor.watch(3, () => void calls.push("input"));
  const defer = (name: string, urgency: Urgency) =>
    reactor.defer(() => {
      calls.push(name);
      world.timeMs += 3;
    }, urgency);
  for (const name of ["later 1", "later 2", "later 3"]) defer(name, "later");
  for (const name of ["soon 1", "soon 2", "soon 3"]) defer(name, "soon");
  defer("now", "now");
  await reactor.run(() => calls.length >= 10);
  const turns = [
    // What comes last has waited long enough.
    ["input", "now", "soon 1", "soon 2", "later 1"],
    ["input", "soon 3", "later 2"],
    ["input", "later 3"],
  ];
  assertEquals(calls, turns.flat());
  assertEquals(world.waits, [0, 0, 0]);
});

Deno.test("Reactor does what comes last also while more that comes first is deferred all the time", async () => {
  const { reactor, world } = fakeWorld();
  let more = 0;
  const defer = () =>
    reactor.defer(() => {
      more++;
      world.timeMs += 6;
      defer();
      defer();
    }, "soon");
  defer();
  const times: number[] = [];
  for (let number = 0; number < 3; number++) {
    reactor.defer(() => void times.push(world.timeMs), "later");
  }
  const isOver = () => times.length === 3;
  await reactor.run(() => isOver() || more > 1000);
  assertEquals(times, [6, 114, 222]);
});

/** A poller in whose waits the runtime has its turn unless they hold it up, and notes them. */
function pollerWithTurns(ready: number[][], held: boolean[]) {
  const poller = {
    turns: 0,
    add: () => {},
    remove: () => {},
    wait: (_timeoutMs: number, manner?: PollManner) => {
      const holdsUp = manner?.holdsUp ?? false;
      held.push(holdsUp);
      if (!holdsUp) poller.turns++;
      return Promise.resolve(ready.shift() ?? []);
    },
    wake: () => {},
  };
  return poller;
}

const STANDING_CLOCK = { monotonicMs: () => 0, now: () => ({ seconds: 0, nanoseconds: 0 }) };

Deno.test("Reactor lets what comes last rest for as long as it took where that was long", async () => {
  const { reactor, world } = fakeWorld([[], [3]]);
  const calls: [string, number][] = [];
  reactor.watch(3, () => void calls.push(["input", world.timeMs]));
  const defer = (tookMs: number) =>
    reactor.defer(() => {
      calls.push(["later", world.timeMs]);
      world.timeMs += tookMs;
    }, "later");
  for (const tookMs of [20, 300, 4, 4]) defer(tookMs);
  await reactor.run(() => calls.length === 5);
  assertEquals(calls, [["later", 0], ["input", 20], ["later", 40], ["later", 440], ["later", 444]]);
  assertEquals(world.waits, [0, 20, 20, 100]);
});

Deno.test("Reactor holds up the process only where nothing else is left to be done", async () => {
  const held: boolean[] = [];
  const ready = [[3], [3], [4], [3], [3], [3]];
  const reactor = new Reactor(pollerWithTurns(ready, held), STANDING_CLOCK, () => {});
  const slow = Promise.withResolvers<void>();
  reactor.gather();
  reactor.watch(3, () => {
    if (ready.length === 1) reactor.noteSlowWork(slow.promise);
    return "settled";
  });
  reactor.watch(4, () => {});
  await reactor.run(() => held.length === 6);
  // At first, and after what may have left something, the runtime has its turn.
  assertEquals(held, [false, true, true, false, true, false]);
});

Deno.test("Reactor does not hold up what goes on after slow work, or before the runtime's turn", async () => {
  const held: boolean[] = [];
  const slow = Promise.withResolvers<void>();
  const poller = pollerWithTurns([[3], [3], [3], [3]], held);
  const { wait } = poller;
  poller.wait = async (timeoutMs, manner) => {
    const found = await wait(timeoutMs, manner);
    if (held.length === 1) slow.resolve();
    // Something was there at once.
    if (held.length === 2) poller.turns--;
    await slow.promise;
    return found;
  };
  const reactor = new Reactor(poller, STANDING_CLOCK, () => {});
  reactor.gather();
  reactor.noteSlowWork(slow.promise);
  reactor.watch(3, () => "settled");
  await reactor.run(() => held.length === 4);
  assertEquals(held, [false, false, false, true]);
});
