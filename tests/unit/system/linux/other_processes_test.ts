/** What the real kernel tells of processes. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { decode, encode } from "../../../../src/base/bytes.ts";
import { CWD } from "../../../../src/base/kernel_constants.ts";
import { ERRNO } from "../../../../src/base/errno.ts";
import { SystemError } from "../../../../src/base/system_error.ts";
import { linuxKernel } from "../../../../src/system/linux/linux_kernel.ts";
import { processInfo } from "../../../support/processes.ts";
import { waitFor } from "../../../support/wait.ts";

const kernel = linuxKernel();

/** C functions are bound when they are first used, and stay bound. */
function kernelTest(name: string, fn: () => void | Promise<void>): void {
  Deno.test({ name, fn, sanitizeResources: false });
}

function spawnShell(script: string, stdoutFd?: number): number {
  const argv = [encode("sh"), encode("-c"), encode(script)];
  const attributes = { limits: [], descriptors: [] };
  const plan = { path: "/bin/sh", argv, environment: [], directoryFd: CWD, stdoutFd, attributes };
  return kernel.spawn(plan);
}

kernelTest("OtherProcesses tell this boot from others", () => {
  const id = kernel.bootId();
  assertEquals(id.length, 16);
  const text = Deno.readTextFileSync("/proc/sys/kernel/random/boot_id").trim();
  assertEquals(
    [...id].map((byte) => byte.toString(16).padStart(2, "0")).join(""),
    text.replace(/-/g, ""),
  );
});

kernelTest("OtherProcesses find a process by its id, until it is reaped", async () => {
  const before = kernel.bootTicks();
  const pid = spawnShell("exec sleep 1000");
  const facts = kernel.findProcess(pid)!;
  const after = kernel.bootTicks();
  assertEquals(facts.parentPid, Deno.pid);
  assertEquals(facts.sessionId, kernel.sessionId());
  assertEquals(facts.startTicks, processInfo(pid)!.startTicks);
  assert(before <= facts.startTicks && facts.startTicks <= after);
  assert(kernel.processesSince(facts.startTicks).some((each) => each.pid === pid));
  assert(!kernel.processesSince(facts.startTicks + 1).some((each) => each.pid === pid));
  Deno.kill(pid, "SIGKILL");
  await waitFor(() => kernel.findProcess(pid)!.hasEnded, { what: "the process to end" });
  kernel.waitForEnd(pid);
  assertEquals(kernel.findProcess(pid), undefined);
});

kernelTest("OtherProcesses open both ends of a pipe that a process has", () => {
  const pipe = kernel.pipe();
  const pid = spawnShell("echo one; exec sleep 1000", pipe.writeFd);
  const { inode } = kernel.statFd(pipe.readFd);
  kernel.close(pipe.writeFd);
  const again = kernel.reopenPipe(pid, 1);
  // Not before: the shell would write to a pipe that nobody reads.
  kernel.close(pipe.readFd);
  assertEquals(kernel.statFd(again.readFd).inode, inode);
  kernel.write(again.writeFd, encode("two\n"));
  Deno.kill(pid, "SIGKILL");
  kernel.waitForEnd(pid);
  kernel.close(again.writeFd);
  // A blocking end: it meets the end of file, as nobody else can write.
  let text = "";
  const buffer = new Uint8Array(100);
  for (let length = -1; length !== 0;) {
    length = kernel.read(again.readFd, buffer);
    text += decode(buffer.subarray(0, length));
  }
  kernel.close(again.readFd);
  assert(/^(one\n)?two\n$/.test(text) || text === "two\none\n", text);
  const error = assertThrows(() => kernel.reopenPipe(pid, 1), SystemError) as SystemError;
  assertEquals(error.errno, ERRNO.ENOENT);
});
