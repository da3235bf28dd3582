/** A log stream on a fake kernel: opening, and what holds up reading. */

import { assertEquals, assertRejects } from "@std/assert";
import { encode } from "../../src/base/bytes.ts";
import { ERRNO } from "../../src/base/errno.ts";
import { WOULD_BLOCK } from "../../src/base/kernel_constants.ts";
import { ProgramEnd } from "../../src/base/messages.ts";
import { LogStream } from "../../src/logging/log_stream.ts";
import { parseScript } from "../../src/logging/script.ts";
import { FakeLogKernel } from "./fake_log_kernel.ts";

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

Deno.test("LogStream leaves lines in the pipe until it writes them", async () => {
  const kernel = new FakeLogKernel();
  const { now, read, write } = kernel;
  const lookFd = 99;
  let looked = "";
  kernel.pipe = () => ({ readFd: lookFd, writeFd: lookFd });
  kernel.tee = (_fromFd, _toFd, length) => {
    looked = kernel.input.slice(0, length);
    return looked.length || WOULD_BLOCK;
  };
  kernel.read = (fd, into) => {
    if (fd !== lookFd) return read.call(kernel, fd, into);
    const text = looked.slice(0, into.length);
    looked = looked.slice(text.length);
    into.set(encode(text));
    return text.length;
  };
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
  const lines = `${"x".repeat(99)}\n`.repeat(11);
  kernel.input = lines;
  await kernel.pass(1);
  // The smallest read is 1024 bytes: the eleventh line is cut, and its beginning stays.
  assertEquals(inPipe, { label: lines.slice(1000), write: "" });
  assertEquals(kernel.contents("current").replaceAll(/^@[0-9a-f]{24} /gm, ""), lines);
  stream.abandon();
  await kernel.until(ended);
});
