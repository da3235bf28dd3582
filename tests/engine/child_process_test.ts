/** A service process that is a child, on a fake kernel. */

import { assertEquals } from "@std/assert";
import { startChild } from "../../src/supervision/child_process.ts";
import { Engine } from "./engine.ts";

/** Starts a child of a new engine; `ends` are the wait statuses that were told. */
function started() {
  const engine = new Engine();
  const ends: (number | undefined)[] = [];
  const plan = { path: "./run", argv: [], environment: [], directoryFd: -100 };
  const child = startChild(engine.host, plan, (status) => void ends.push(status));
  return { engine, child, ends };
}

Deno.test("startChild() tells the end once, with its wait status", async () => {
  const { engine, child, ends } = started();
  child.signal(15);
  assertEquals([engine.fake.started[0]!.signals, ends], [[15], []]);
  engine.fake.endProcess(child.pid, 0x0f);
  await engine.settle();
  assertEquals(ends, [0x0f]);
});

Deno.test("startChild() sends no signal to a process that has got the child's id", async () => {
  const { engine, child } = started();
  engine.fake.endProcess(child.pid);
  await engine.settle();
  const stranger = engine.fake.reusePid(child.pid);
  child.signal(9);
  assertEquals(stranger.signals, []);
});
