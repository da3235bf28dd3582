/** A log on a fake kernel: rotation, failures and time, without a disk or a pause. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { decode, encode } from "../../src/base/bytes.ts";
import { ProgramEnd } from "../../src/base/messages.ts";
import { LogDirectory } from "../../src/logging/directory/log_directory.ts";
import type { DirectoryPlan } from "../../src/logging/script.ts";
import { FakeLogKernel } from "./fake_log_kernel.ts";

const PLAN: DirectoryPlan = {
  path: encode("./log"),
  sizeBytes: 4096,
  keep: 10,
  totalBytes: 0,
  maxAgeSeconds: 0,
  gzip: false,
};

async function openLog(kernel: FakeLogKernel, plan: Partial<DirectoryPlan> = {}) {
  return await kernel.until(LogDirectory.open(kernel.context, { ...PLAN, ...plan }));
}

function append(log: LogDirectory, line: string): void {
  const bytes = encode(`${line}\n`);
  log.queue.append(bytes, 0, bytes.length);
  log.rule.appendLine(line.length, 0);
}

const oldFiles = (kernel: FakeLogKernel) =>
  [...kernel.files.keys()].filter((name) => name.startsWith("@")).sort();

/** What is in all files of the log, the oldest first. */
const everything = (kernel: FakeLogKernel) =>
  [...oldFiles(kernel), "previous", "current"].map((name) => kernel.contents(name)).join("");

Deno.test("LogDirectory writes a line in the same turn, and marks a clean end", async () => {
  const kernel = new FakeLogKernel();
  const log = await openLog(kernel);
  append(log, "one");
  log.commit();
  assertEquals(kernel.contents("current"), "one\n");
  assertEquals(kernel.files.get("current")!.permissions, 0o644);
  await kernel.until(log.close());
  assertEquals(kernel.files.get("current")!.permissions, 0o744);
});

Deno.test("LogDirectory writes a line in the same turn while an old file is put on the disk", async () => {
  const kernel = new FakeLogKernel();
  const log = await openLog(kernel);
  let endSync = () => {};
  const { fsyncLater } = kernel;
  kernel.fsyncLater = () => new Promise((resolve) => endSync = resolve);
  append(log, "one");
  log.commit();
  log.rotate();
  await kernel.pass(1);
  assertEquals([kernel.contents("previous"), log.isReady], ["one\n", true]);
  append(log, "two");
  log.commit();
  assertEquals([kernel.contents("current"), log.queue.size], ["two\n", 0]);
  // The next file has to wait, and nothing may be read meanwhile.
  log.rotate();
  append(log, "three");
  log.commit();
  await kernel.pass(1);
  assertEquals([kernel.contents("current"), log.isReady, log.isFailing], ["two\n", false, false]);
  kernel.fsyncLater = fsyncLater;
  endSync();
  await kernel.until(log.close());
  assertEquals(everything(kernel), "one\ntwo\nthree\n");
});

Deno.test("LogDirectory says what does not work, waits, and loses nothing", async () => {
  const kernel = new FakeLogKernel();
  const log = await openLog(kernel);
  kernel.failures["write"] = ["ENOSPC", "ENOSPC", "ENOSPC"];
  kernel.failures["fsync"] = ["EIO"];
  kernel.failures["rename"] = ["EROFS"];
  const lines = Array.from({ length: 60 }, (_, index) => `${index}`.padStart(99, "x"));
  for (const line of lines) append(log, line);
  const begun = kernel.timeMs;
  log.commit();
  assert(log.isFailing && !log.isReady);
  await kernel.until(log.close());
  assertEquals(everything(kernel), lines.map((line) => `${line}\n`).join(""));
  assertEquals(kernel.messages.map((line) => line.replace("multilog: warning: ", "")), [
    "unable to write to ./log/current, pausing: out of disk space\n",
    "unable to write to ./log/current, pausing: out of disk space\n",
    "unable to write to ./log/current, pausing: out of disk space\n",
    "unable to rename current to previous in directory ./log, pausing: read-only file system\n",
    "unable to write ./log/current to disk, pausing: input/output error\n",
  ]);
  assert(kernel.timeMs - begun >= 20_000);
});

Deno.test("LogDirectory names old files in order though the clock is set back", async () => {
  const kernel = new FakeLogKernel();
  const log = await openLog(kernel, { keep: 3 });
  for (const line of ["first", "second", "third", "fourth"]) {
    append(log, line);
    log.commit();
    log.rotate();
    kernel.timeMs -= 100_000;
    await kernel.pass(1);
  }
  await kernel.until(log.close());
  assertEquals(oldFiles(kernel).map((name) => kernel.contents(name)), ["third\n", "fourth\n"]);
});

Deno.test("LogDirectory keeps what a crash left, under names of its own", async () => {
  const kernel = new FakeLogKernel();
  kernel.put("current", "C");
  kernel.put("previous", "P");
  kernel.put("processed", "R", 0o744);
  const log = await openLog(kernel);
  const old = oldFiles(kernel).map((name) => name.slice(-2) + kernel.contents(name));
  assertEquals(old, [".sR", ".uC"]);
  await kernel.until(log.close());
});

Deno.test("LogDirectory closes a file that is old enough, and never an empty one", async () => {
  const kernel = new FakeLogKernel();
  const log = await openLog(kernel, { maxAgeSeconds: 60 });
  append(log, "one");
  log.commit();
  await kernel.pass(300_000);
  assertEquals(oldFiles(kernel).map((name) => kernel.contents(name)), ["one\n"]);
  await kernel.until(log.close());
});

Deno.test("LogDirectory shows its end: of current, or else of the newest old file", async () => {
  const kernel = new FakeLogKernel();
  const put = (name: string, contents: string) => kernel.put(name, contents, 0o744);
  put("current", "");
  const readTail = async () => {
    const log = await openLog(kernel);
    const tail = log.readTail(new Uint8Array(2 * 65536));
    const text = tail && decode(tail.bytes);
    await kernel.until(log.close());
    return text;
  };
  assertEquals(await readTail(), undefined);
  put("@4000000000000000000000aa.s", "older\n");
  put("@4000000000000000000000ab.s", "newest\n");
  assertEquals(await readTail(), "newest\n");
  put("current", `first\n${"x".repeat(65530)}\nlast\n`);
  assertEquals(await readTail(), "last\n");
  // No line begins in what is looked at.
  put("current", `first\n${"x".repeat(70000)}\n`);
  assertEquals(await readTail(), "");
});

Deno.test("LogDirectory shows how late a label of its own may be: as its file, or as noted", async () => {
  const kernel = new FakeLogKernel();
  kernel.put("current", "text\n", 0o744);
  const written = kernel.timeMs / 1000;
  kernel.timeMs += 60_000;
  const latest = (log: LogDirectory) => log.readTail(new Uint8Array(2 * 65536))?.latest.seconds;
  const first = await openLog(kernel);
  // The lock is new: no label that is later than the present is trusted.
  assertEquals(latest(first), written + 60);
  first.noteLabel({ seconds: written + 600, nanoseconds: 0 });
  await kernel.until(first.close());
  const second = await openLog(kernel);
  assertEquals(latest(second), written + 600);
  await kernel.until(second.close());
});

Deno.test("LogDirectory leaves nothing open when it cannot be opened", async () => {
  const steps = ["lock", "open", "fchmod", "fstat"];
  for (const step of steps) {
    const kernel = new FakeLogKernel();
    kernel.failures[step] = ["EMFILE"];
    await assertRejects(() => openLog(kernel), ProgramEnd);
    assertEquals([step, kernel.openCount], [step, 0]);
  }
});

Deno.test("LogDirectory goes on after a throw that nobody expected", async () => {
  const kernel = new FakeLogKernel();
  const log = await openLog(kernel);
  const { rename } = kernel;
  kernel.rename = () => {
    throw new TypeError("a bug");
  };
  append(log, "one");
  log.commit();
  log.rotate();
  await kernel.pass(1);
  assertEquals(kernel.bugs.map(String), ["TypeError: a bug"]);
  kernel.rename = rename;
  append(log, "two");
  log.commit();
  await kernel.until(log.close());
  assertEquals(everything(kernel), "one\ntwo\n");
  assertEquals(kernel.openCount, 0);
});

Deno.test("LogDirectory reads the list of old files once, until others change the directory", async () => {
  const kernel = new FakeLogKernel();
  kernel.put("current", "", 0o744);
  for (let name = 10; name < 15; name++) kernel.put(`@4000000000000000000000${name}.s`, `${name}`);
  const log = await openLog(kernel, { keep: 6 });
  const rotate = async (line: string) => {
    append(log, line);
    log.commit();
    log.rotate();
    await kernel.pass(1);
    return oldFiles(kernel).map((name) => kernel.contents(name).trim()).join(" ");
  };
  assertEquals(await rotate("a"), "11 12 13 14 a");
  assertEquals(await rotate("b"), "12 13 14 a b");
  assertEquals(kernel.calls["readdir"], 1);
  kernel.files.delete(oldFiles(kernel)[1]!);
  kernel.put("@400000000000000000000001.u", "found");
  assertEquals(await rotate("c"), "12 14 a b c");
  assertEquals(kernel.calls["readdir"], 2);
  await kernel.until(log.close());
});

Deno.test("LogDirectory looks at each old file once, however many it removes for limit=", async () => {
  const kernel = new FakeLogKernel();
  const many = 500;
  for (let name = 0; name < many; name++) {
    kernel.put(`@4000000000000000${String(name).padStart(8, "0")}.s`, "x".repeat(100));
  }
  const log = await openLog(kernel, { keep: 10_000, totalBytes: 8192 });
  append(log, "one");
  log.commit();
  log.rotate();
  await kernel.until(log.close());
  assertEquals(oldFiles(kernel).length, 41);
  assert(kernel.calls["lstat"]! < 2 * many, `${kernel.calls["lstat"]} looks`);
});

Deno.test("LogDirectory takes names from the far future as the oldest ones", async () => {
  const kernel = new FakeLogKernel();
  const future = "@40000000f4865708000000ff.s";
  kernel.put(future, "from the future\n");
  const log = await openLog(kernel, { keep: 3 });
  for (const line of ["one", "two", "three"]) {
    append(log, line);
    log.commit();
    log.rotate();
    await kernel.pass(1);
    assertEquals(kernel.files.has(future), line === "one");
    assert(oldFiles(kernel)[0]!.startsWith("@40000000000003"));
  }
  await kernel.until(log.close());
  assertEquals(oldFiles(kernel).map((name) => kernel.contents(name)), ["two\n", "three\n"]);
});

Deno.test("LogDirectory counts age= from the first line, over restarts", async () => {
  const kernel = new FakeLogKernel();
  const plan = { maxAgeSeconds: 600 };
  const restart = async (line: string) => {
    const log = await openLog(kernel, plan);
    await kernel.pass(100_000);
    append(log, line);
    log.commit();
    await kernel.pass(100_000);
    await kernel.until(log.close());
  };
  await restart("one");
  await restart("two");
  await restart("three");
  assertEquals(oldFiles(kernel), []);
  // 500 s after the first line.
  const log = await openLog(kernel, plan);
  await kernel.pass(99_000);
  assertEquals(oldFiles(kernel), []);
  await kernel.pass(2_000);
  assertEquals(oldFiles(kernel).map((name) => kernel.contents(name)), ["one\ntwo\nthree\n"]);
  await kernel.until(log.close());
});

Deno.test("LogDirectory goes by the time when current was made, where its age is not noted", async () => {
  const kernel = new FakeLogKernel();
  kernel.put("lock", "");
  kernel.timeMs += 50_000;
  kernel.put("current", "one\n", 0o744);
  kernel.timeMs += 50_000;
  const log = await openLog(kernel, { maxAgeSeconds: 60 });
  await kernel.pass(9_000);
  assertEquals(oldFiles(kernel), []);
  await kernel.pass(2_000);
  assertEquals(oldFiles(kernel).length, 1);
  await kernel.until(log.close());
});

Deno.test("LogDirectory tries compression again after a failed read or write", async () => {
  for (const call of ["read", "write"]) {
    const kernel = new FakeLogKernel();
    const log = await openLog(kernel, { gzip: true, sizeBytes: 100_000 });
    const text = Array.from({ length: 300 }, (_, index) => `line ${index * 7919 % 1000}`);
    for (const line of text) append(log, line);
    log.commit();
    kernel.failures[call] = ["EIO"];
    log.rotate();
    await kernel.until(log.close());
    const [old, ...others] = oldFiles(kernel);
    assertEquals(others, []);
    const parts = kernel.messages.map((line) => line.replace(/@[0-9a-f]{24}/, "@"));
    assertEquals(parts, [
      "multilog: warning: unable to compress ./log/@.s, pausing: input/output error\n",
    ]);
    const zipped = Uint8Array.from(kernel.files.get(old!)!.bytes);
    const plain = new Blob([zipped]).stream().pipeThrough(new DecompressionStream("gzip"));
    assertEquals(await new Response(plain).text(), text.map((line) => `${line}\n`).join(""));
    assertEquals([kernel.openCount, kernel.bugs], [0, []]);
  }
});

Deno.test("LogDirectory ends though an old log cannot be compressed, and leaves it to the next run", async () => {
  const kernel = new FakeLogKernel();
  const log = await openLog(kernel, { gzip: true, sizeBytes: 100_000 });
  append(log, "one");
  log.commit();
  log.rotate();
  append(log, "two");
  log.commit();
  log.rotate();
  kernel.failures["read"] = Array.from({ length: 1000 }, () => "EIO");
  await kernel.until(log.close());
  assertEquals(everything(kernel), "one\ntwo\n");
  assertEquals(kernel.messages.map((line) => line.replace(/@[0-9a-f]{24}/, "@")), [
    "multilog: warning: unable to compress ./log/@.s, pausing: input/output error\n",
    "multilog: warning: unable to compress ./log/@.s, the next run will: input/output error\n",
  ]);
  assertEquals([kernel.openCount, kernel.bugs], [0, []]);
});

Deno.test("LogDirectory that is abandoned writes nothing more and leaves nothing open", async () => {
  const kernel = new FakeLogKernel();
  const log = await openLog(kernel);
  append(log, "one");
  log.commit();
  kernel.failures["write"] = ["ENOSPC", "ENOSPC", "ENOSPC"];
  append(log, "two");
  log.commit();
  assert(log.isFailing);
  log.abandon();
  await kernel.pass(20_000);
  assertEquals([kernel.contents("current"), kernel.openCount], ["one\n", 0]);
  assertEquals(kernel.files.get("current")!.permissions, 0o644);
});
