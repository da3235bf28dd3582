/** What a log goes on from by the note that the run before left: labels, the beginning of a line, input. */

import { assertEquals } from "@std/assert";
import { encode } from "../../src/base/bytes.ts";
import { tai64nLabel } from "../../src/base/tai64n.ts";
import { LogStream } from "../../src/logging/log_stream.ts";
import { parseScript } from "../../src/logging/script.ts";
import { FakeLogKernel } from "./fake_log_kernel.ts";

/** A log directory that gets its lines through a pipe. */
function newKernel(): FakeLogKernel {
  const kernel = new FakeLogKernel();
  kernel.isPipe = true;
  return kernel;
}

/** Runs a stream over some input, or what is in the pipe already. */
async function log(kernel: FakeLogKernel, script: string, input?: string): Promise<void> {
  const words = parseScript(script.split(" ").map(encode));
  const stream = await kernel.until(LogStream.open(kernel.context, 0, words));
  const ended = stream.run();
  if (input !== undefined) kernel.input = input;
  await kernel.pass(1);
  stream.stop();
  await kernel.until(ended);
}

/** A label that many milliseconds ahead of the clock, as a service could print it. */
function labelAhead(kernel: FakeLogKernel, milliseconds: number): string {
  const timeMs = kernel.timeMs + milliseconds;
  const seconds = Math.floor(timeMs / 1000);
  return tai64nLabel({ seconds, nanoseconds: (timeMs % 1000) * 1_000_000 });
}

/** The label that the last line of current has. */
const lastLabel = (kernel: FakeLogKernel) =>
  kernel.contents("current").trimEnd().split("\n").at(-1)!.split(" ")[0]!;

Deno.test("LogStream believes no label in what it wrote without labels", async () => {
  const kernel = newKernel();
  const forged = labelAhead(kernel, 1500);
  await log(kernel, "./log", `${forged} forged\n`);
  await log(kernel, "t ./log", "line\n");
  assertEquals(lastLabel(kernel) < forged, true, lastLabel(kernel));
});

Deno.test("LogStream goes on above its own label, also where it wrote without labels since", async () => {
  const kernel = newKernel();
  await log(kernel, "t ./log", "line\n");
  const label = lastLabel(kernel);
  kernel.timeMs -= 600_000;
  await log(kernel, "./log", `${labelAhead(kernel, 601_000)} forged\n`);
  await log(kernel, "t s4096 ./log", "line\n");
  const next = lastLabel(kernel);
  const above = (nanoseconds: number) =>
    `@${(BigInt(`0x${label.slice(1)}`) + BigInt(nanoseconds)).toString(16)}`;
  assertEquals([above(1), above(2)].includes(next), true, `${label} ${next}`);
});

Deno.test("LogStream believes what is in the log where others wrote to it, within its time", async () => {
  for (const script of ["t ./log", "t ./log ./log"]) {
    const kernel = newKernel();
    await log(kernel, "t ./log", "line\n");
    const theirs = labelAhead(kernel, 900);
    kernel.put("current", `${kernel.contents("current")}${theirs} from C\n`, 0o744);
    await log(kernel, script, "line\n");
    assertEquals(lastLabel(kernel) > theirs, true, `${lastLabel(kernel)} ${theirs}`);
  }
});

Deno.test("LogStream believes no label of a log with several directories that has a note", async () => {
  const kernel = newKernel();
  const forged = labelAhead(kernel, 900);
  await log(kernel, "./log", `${forged} forged\n`);
  await log(kernel, "t ./log e", "line\n");
  assertEquals(lastLabel(kernel) < forged, true, lastLabel(kernel));
  // It took no note: what it wrote is believed.
  const written = kernel.contents("lock");
  await log(kernel, "t ./log e", "line\n");
  assertEquals(kernel.contents("lock"), written);
});

Deno.test("LogStream logs the beginning of a line whose rest is gone with its pipe", async () => {
  const kernel = newKernel();
  const stream = await LogStream.open(kernel.context, 0, parseScript([encode("./log")]));
  const ended = stream.run();
  kernel.input = "one\nbegin";
  await kernel.pass(1);
  stream.abandon();
  await kernel.until(ended);
  assertEquals([kernel.contents("current"), kernel.input], ["one\n", ""]);
  const { bootId } = kernel;
  kernel.bootId = () => bootId().fill(1);
  await log(kernel, "./log", "two\n");
  const names = [...kernel.files.keys()].filter((name) => name.startsWith("@"));
  assertEquals(names.map((name) => kernel.contents(name)), ["one\n"]);
  assertEquals(kernel.contents("current"), "begin\ntwo\n");
});

Deno.test("LogStream takes nothing out of what comes after another boot", async () => {
  const lines = "started\nready\n";
  for (const isSameBoot of [true, false]) {
    const kernel = newKernel();
    const stream = await LogStream.open(kernel.context, 0, parseScript([encode("./log")]));
    const { splice } = kernel;
    // Written, and not taken out.
    kernel.splice = () => {
      throw new Error("power failure");
    };
    const ended = stream.run().catch(() => 0);
    kernel.input = lines;
    await kernel.pass(1);
    stream.abandon();
    await kernel.until(ended);
    kernel.bugs.length = 0;
    kernel.isWatched = false;
    assertEquals([kernel.contents("current"), kernel.input], [lines, lines]);
    kernel.splice = splice;
    if (!isSameBoot) kernel.bootId = () => new Uint8Array(16).fill(1);
    await log(kernel, "./log");
    assertEquals(kernel.contents("current"), isSameBoot ? "" : lines);
  }
});
