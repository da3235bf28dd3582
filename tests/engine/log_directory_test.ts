/** A log on a fake kernel: rotation, failures and time, without a disk or a pause. */

import { assert, assertEquals } from "@std/assert";
import { decode, encode } from "../../src/base/bytes.ts";
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
  log.rule.appendLine(line.length);
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
    const tail = decode(log.readTail());
    await kernel.until(log.close());
    return tail;
  };
  assertEquals(await readTail(), "");
  put("@4000000000000000000000aa.s", "older\n");
  put("@4000000000000000000000ab.s", "newest\n");
  assertEquals(await readTail(), "newest\n");
  put("current", `first\n${"x".repeat(65530)}\nlast\n`);
  assertEquals(await readTail(), "last\n");
  // No line begins in what is looked at.
  put("current", `first\n${"x".repeat(70000)}\n`);
  assertEquals(await readTail(), "");
});
