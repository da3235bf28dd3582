/** Shelves on the real kernel. */

import { assertEquals, assertThrows } from "@std/assert";
import { encode } from "../../../../src/base/bytes.ts";
import { ERRNO } from "../../../../src/base/errno.ts";
import { CWD } from "../../../../src/base/kernel_constants.ts";
import { SystemError } from "../../../../src/base/system_error.ts";
import { linuxKernel } from "../../../../src/system/linux/linux_kernel.ts";
import { tempDir } from "../../../support/temp.ts";
import { waitFor } from "../../../support/wait.ts";

// A process that a test beside this one starts has, until it executes its program, a copy of each
// descriptor of ours: a close is not always the last one at once.
const kernel = linuxKernel();

/** C functions are bound when they are first used, and stay bound. */
function kernelTest(name: string, fn: () => void | Promise<void>): void {
  Deno.test({ name, fn, sanitizeResources: false });
}

kernelTest("a shelf keeps what is put on it, each in its place", async () => {
  await using dir = await tempDir();
  const at = kernel.openDirectory(CWD, encode(dir.path));
  const { putFd, findFd } = kernel.openShelf();
  const inodes = ["a", "b", "c"].map((name) => {
    kernel.mkdir(at, name, 0o755);
    // As directories of services are opened: by their place alone.
    const fd = kernel.openDirectory(at, name);
    kernel.putOnShelf(putFd, fd);
    const { inode } = kernel.statFd(fd);
    kernel.close(fd);
    return inode;
  });
  const found = (index: number) => {
    const fd = kernel.findOnShelf(findFd, index);
    const { inode } = kernel.statFd(fd);
    kernel.close(fd);
    return inode;
  };
  assertEquals([2, 0, 1, 1].map(found), [2, 0, 1, 1].map((index) => inodes[index]));
  const beyond = assertThrows(() => kernel.findOnShelf(findFd, 3), SystemError) as SystemError;
  assertEquals(beyond.errno, ERRNO.EAGAIN);
  kernel.dropFirst(findFd);
  assertEquals([0, 1].map(found), inodes.slice(1));
  for (const fd of [putFd, findFd, at]) kernel.close(fd);
});

kernelTest("a lock is held as long as it is on a shelf", async () => {
  await using dir = await tempDir();
  const at = kernel.openDirectory(CWD, encode(dir.path));
  const { putFd, findFd } = kernel.openShelf();
  const fd = kernel.openAppend(at, "lock");
  kernel.lock(fd, false);
  kernel.putOnShelf(putFd, fd);
  kernel.close(fd);
  const other = kernel.openAppend(at, "lock");
  assertThrows(() => kernel.lock(other, false), SystemError);
  kernel.dropFirst(findFd);
  const isFree = () => {
    kernel.lock(other, false);
    return true;
  };
  await waitFor(isFree, { what: "the lock" });
  for (const each of [other, putFd, findFd, at]) kernel.close(each);
});

kernelTest("what is on a shelf is watched under the number that was given with it", async () => {
  const poller = kernel.newPoller();
  const { putFd, findFd } = kernel.openShelf();
  const { readFd, writeFd } = kernel.pipe();
  poller.add(readFd, 4711);
  kernel.putOnShelf(putFd, readFd);
  kernel.close(readFd);
  // It may have the same descriptor now.
  const other = kernel.openDirectory(CWD, "/");
  assertEquals(await poller.wait(0), []);
  kernel.write(writeFd, encode("x"));
  assertEquals(await poller.wait(0), [4711]);
  const found = kernel.findOnShelf(findFd, 0);
  assertEquals(kernel.read(found, new Uint8Array(8)), 1);
  kernel.close(found);
  assertEquals(await poller.wait(0), []);
  kernel.write(writeFd, encode("x"));
  kernel.dropFirst(findFd);
  await waitFor(async () => (await poller.wait(0)).length === 0, { what: "it not to be watched" });
  for (const fd of [other, writeFd, putFd, findFd]) kernel.close(fd);
});

kernelTest("a shelf takes what it needs to hold, and says when it is full", () => {
  const { putFd, findFd } = kernel.openShelf();
  const fd = kernel.openDirectory(CWD, "/");
  let count = 0;
  const full = assertThrows(() => {
    for (; count < 100_000; count++) kernel.putOnShelf(putFd, fd);
  }, SystemError) as SystemError;
  const isEnough = count > 64;
  assertEquals([full.errno, isEnough], [ERRNO.EAGAIN, true]);
  const last = kernel.findOnShelf(findFd, count - 1);
  for (const each of [last, fd, putFd, findFd]) kernel.close(each);
});
