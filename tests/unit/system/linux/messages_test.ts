import { assertEquals, assertThrows } from "@std/assert";
import { encode } from "../../../../src/base/bytes.ts";
import { ERRNO } from "../../../../src/base/errno.ts";
import { SystemError } from "../../../../src/base/system_error.ts";
import { linuxKernel } from "../../../../src/system/linux/linux_kernel.ts";
import { waitFor } from "../../../support/wait.ts";

const kernel = linuxKernel();

/** C functions are bound when they are first used, and stay bound. */
function kernelTest(name: string, fn: () => void | Promise<void>): void {
  Deno.test({ name, fn, sanitizeResources: false });
}

/** A process that a test beside this one starts has a copy of the other end until it executes. */
async function waitForEnd(fd: number): Promise<void> {
  const isEnd = () => kernel.receiveMessage(fd, 3, 1)?.data.length === 0;
  await waitFor(isEnd, { what: "the end of messages" });
}

kernelTest("sendMessage() takes text and descriptors to the other side", async () => {
  const { ourFd, theirFd } = kernel.socketPair();
  const pipe = kernel.pipe();
  assertEquals(kernel.receiveMessage(theirFd, 100, 2), null);
  kernel.sendMessage(ourFd, encode("one"), [pipe.readFd, pipe.writeFd]);
  kernel.sendMessage(ourFd, encode("two"), []);
  const first = kernel.receiveMessage(theirFd, 100, 2)!;
  const second = kernel.receiveMessage(theirFd, 100, 2)!;
  assertEquals([first.data, first.isWhole], [encode("one"), true]);
  assertEquals([second.data, second.fds], [encode("two"), []]);
  const [readFd, writeFd] = first.fds as [number, number];
  kernel.write(writeFd, encode("x"));
  const into = new Uint8Array(1);
  assertEquals([kernel.read(readFd, into), into], [1, encode("x")]);
  for (const fd of [readFd, writeFd, pipe.readFd, pipe.writeFd, ourFd]) kernel.close(fd);
  await waitForEnd(theirFd);
  const error = assertThrows(() => kernel.sendMessage(theirFd, encode("x"), []), SystemError);
  assertEquals(error.errno, ERRNO.EPIPE);
  kernel.close(theirFd);
});

kernelTest(
  "receiveMessage() says when a message was too long, and keeps nothing open",
  async () => {
    const { ourFd, theirFd } = kernel.socketPair();
    kernel.sendMessage(ourFd, encode("too long"), [ourFd]);
    const { isWhole, fds } = kernel.receiveMessage(theirFd, 3, 1)!;
    assertEquals([isWhole, fds], [false, []]);
    kernel.sendMessage(ourFd, encode("two"), [ourFd, ourFd, ourFd]);
    assertEquals(kernel.receiveMessage(theirFd, 3, 1)!.isWhole, false);
    kernel.close(ourFd);
    // All copies that were on their way are closed, or the end would not be met.
    await waitForEnd(theirFd);
    kernel.close(theirFd);
  },
);

kernelTest("sendMessage() never waits", () => {
  const { ourFd, theirFd } = kernel.socketPair();
  const error = assertThrows(() => {
    for (;;) kernel.sendMessage(ourFd, new Uint8Array(1000), []);
  }, SystemError);
  assertEquals(error.errno, ERRNO.EAGAIN);
  for (const fd of [ourFd, theirFd]) kernel.close(fd);
});
