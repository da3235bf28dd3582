/** A log stream on a fake kernel: opening, and what holds up reading. */

import { assertEquals, assertRejects } from "@std/assert";
import { encode } from "../../src/base/bytes.ts";
import { ERRNO } from "../../src/base/errno.ts";
import { ProgramEnd } from "../../src/base/messages.ts";
import { LogStream } from "../../src/logging/log_stream.ts";
import { parseScript } from "../../src/logging/script.ts";
import { FakeLogKernel } from "./fake_log_kernel.ts";

const STANDARD_ERROR = 2;
const scriptOf = (...words: string[]) => parseScript(words.map(encode));

Deno.test("LogStream leaves nothing open when a part of its script cannot be had", async () => {
  const kernel = new FakeLogKernel();
  const { lock } = kernel;
  let locks = 0;
  kernel.lock = () => {
    if (++locks === 2) kernel.failures["lock"] = ["EAGAIN"];
    lock.call(kernel);
  };
  const script = scriptOf("=status", "./one", "./two");
  await kernel.until(
    assertRejects(() => LogStream.open(kernel.context, 0, script), ProgramEnd),
  );
  assertEquals([locks, kernel.openCount], [2, 0]);
  // What was open by then ended in order.
  assertEquals(kernel.files.get("current")!.permissions, 0o744);
});

/** A stream that runs. */
async function running(kernel: FakeLogKernel, ...words: string[]) {
  const stream = await LogStream.open(kernel.context, 0, scriptOf(...words));
  return { stream, ended: stream.run() };
}

Deno.test("LogStream reads short input once a time, and does not look again before it waits", async () => {
  const kernel = new FakeLogKernel();
  const { stream, ended } = await running(kernel, "./log");
  for (const line of ["one\n", "two\n", "three\n"]) {
    kernel.input = line;
    await kernel.pass(10);
  }
  assertEquals(kernel.contents("current"), "one\ntwo\nthree\n");
  // The first look is before the first wait.
  assertEquals(kernel.calls["readNow"], 4);
  stream.stop();
  assertEquals([await kernel.until(ended), kernel.isWatched], [0, false]);
});

Deno.test("LogStream is not told of input while it does not read, and goes on where it was", async () => {
  const kernel = new FakeLogKernel();
  const { stream, ended } = await running(kernel, "./log");
  stream.pause();
  kernel.input = "one\n";
  await kernel.pass(10);
  assertEquals([kernel.contents("current"), kernel.isWatched], ["", false]);
  stream.resume();
  await kernel.pass(10);
  assertEquals([kernel.contents("current"), kernel.isWatched], ["one\n", true]);
  stream.abandon();
  assertEquals([await kernel.until(ended), kernel.isWatched], [0, false]);
});

Deno.test("LogStream ends in order when a read fails that it waited for", async () => {
  const kernel = new FakeLogKernel();
  const { ended } = await running(kernel, "./log");
  kernel.input = "one\n";
  kernel.failures["readNow"] = ["EIO"];
  assertEquals(await kernel.until(ended), ERRNO.EIO);
  assertEquals([kernel.files.get("current")!.permissions, kernel.bugs], [0o744, []]);
});

Deno.test("LogStream takes lines out before it writes them, where they go to several places", async () => {
  for (const words of [["./log", "./log"], ["e", "./log"], ["=status"]]) {
    const kernel = new FakeLogKernel();
    kernel.isPipe = true;
    const inPipe = new Set<string>();
    const { write } = kernel;
    kernel.write = (fd, bytes) => {
      inPipe.add(kernel.input);
      return fd === STANDARD_ERROR ? bytes.length : write.call(kernel, fd, bytes);
    };
    const { stream, ended } = await running(kernel, ...words);
    kernel.input = `${"x".repeat(99)}\n`.repeat(10);
    await kernel.pass(1);
    assertEquals([words, ...inPipe], [words, ""]);
    stream.abandon();
    await kernel.until(ended);
  }
});

Deno.test("LogStream takes no notes in a lock that it can only append to", async () => {
  const kernel = new FakeLogKernel();
  kernel.isPipe = true;
  kernel.put("lock", "");
  kernel.failures["open"] = ["EACCES"];
  const inPipe = new Set<string>();
  const { write } = kernel;
  kernel.write = (fd, bytes) => {
    inPipe.add(kernel.input);
    return write.call(kernel, fd, bytes);
  };
  const { stream, ended } = await running(kernel, "./log");
  kernel.input = `${"x".repeat(99)}\n`.repeat(20);
  await kernel.pass(1);
  assertEquals([[...inPipe], kernel.contents("lock")], [[""], ""]);
  stream.stop();
  await kernel.until(ended);
});

Deno.test("LogStream counts age= from the first line, over restarts, where writes are noted", async () => {
  const kernel = new FakeLogKernel();
  kernel.isPipe = true;
  const block = `${"x".repeat(99)}\n`.repeat(20);
  for (let run = 0; run < 3; run++) {
    const { stream, ended } = await running(kernel, "s99999", "age=600", "./log");
    await kernel.pass(100_000);
    kernel.input = block;
    await kernel.pass(100_000);
    stream.stop();
    await kernel.until(ended);
  }
  const isFinished = () => [...kernel.files.keys()].some((name) => name.startsWith("@"));
  // 500 s after the first line.
  const { stream, ended } = await running(kernel, "s99999", "age=600", "./log");
  await kernel.pass(99_000);
  assertEquals(isFinished(), false);
  await kernel.pass(2_000);
  assertEquals(isFinished(), true);
  stream.stop();
  await kernel.until(ended);
});

Deno.test("LogStream leaves lines in the pipe until it writes them", async () => {
  const kernel = new FakeLogKernel();
  const { now, write } = kernel;
  kernel.isPipe = true;
  const inPipe: Record<string, string> = {};
  kernel.now = () => {
    inPipe["label"] = kernel.input;
    return now.call(kernel);
  };
  kernel.write = (fd, bytes) => {
    inPipe["write"] = kernel.input;
    return write.call(kernel, fd, bytes);
  };
  const { stream, ended } = await running(kernel, "t", "./log");
  const lines = "one\ntwo\n";
  kernel.input = lines;
  await kernel.pass(1);
  assertEquals([inPipe, kernel.input], [{ label: lines, write: lines }, ""]);
  assertEquals(kernel.contents("current").replaceAll(/^@[0-9a-f]{24} /gm, ""), lines);
  stream.abandon();
  await kernel.until(ended);
});
