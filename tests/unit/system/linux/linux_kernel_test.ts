/** The kernel interface on the real kernel, where a wrong width or offset would show. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { type Bytes, concat, decode, encode } from "../../../../src/base/bytes.ts";
import { ERRNO } from "../../../../src/base/errno.ts";
import { SIGNAL } from "../../../../src/base/signals.ts";
import { SystemError } from "../../../../src/base/system_error.ts";
import { CWD, RLIMIT, WOULD_BLOCK } from "../../../../src/base/kernel_constants.ts";
import { memfdH, MFD_CLOEXEC } from "../../../../src/libc/fcntl_h.ts";
import { linuxKernel } from "../../../../src/system/linux/linux_kernel.ts";
import { descriptorsOf } from "../../../support/processes.ts";
import { tempDir } from "../../../support/temp.ts";
import { waitFor } from "../../../support/wait.ts";

// A process that a test beside this one starts has, until it executes its program, a copy of each
// descriptor of ours: a close is not always the last one at once.
const kernel = linuxKernel();

/** C functions are bound when they are first used, and stay bound. */
function kernelTest(name: string, fn: () => void | Promise<void>): void {
  Deno.test({ name, fn, sanitizeResources: false });
}

/** The error number with which a call fails. */
function failureOf(action: () => unknown): number {
  return (assertThrows(action, SystemError) as SystemError).errno;
}

kernelTest("Files tell what is wrong by error number", async () => {
  await using dir = await tempDir();
  const at = kernel.openDirectory(CWD, encode(dir.path));
  kernel.close(kernel.openTruncate(at, "file"));
  kernel.mkfifo(at, "fifo", 0o600);
  assertEquals(failureOf(() => kernel.openRead(at, "nosuch")), ERRNO.ENOENT);
  assertEquals(failureOf(() => kernel.openDirectory(at, "file")), ERRNO.ENOTDIR);
  assertEquals(failureOf(() => kernel.openDirectory(at, "")), ERRNO.ENOENT);
  assertEquals(failureOf(() => kernel.openWrite(at, "fifo")), ERRNO.ENXIO);
  assertEquals(failureOf(() => kernel.mkdir(at, "file", 0o700)), ERRNO.EEXIST);
  assertEquals(failureOf(() => kernel.readLink(at, "file")), ERRNO.EINVAL);
  kernel.close(at);
  // Not a second close of what was open: a test beside this one may have that number by now.
  assertEquals(failureOf(() => kernel.close(-1)), ERRNO.EBADF);
});

kernelTest("Files read a directory of any size, with names that are not UTF-8", async () => {
  await using dir = await tempDir();
  const at = kernel.openDirectory(CWD, encode(dir.path));
  const odd: Bytes = concat("odd", Uint8Array.of(0xff, 0x0a));
  kernel.close(kernel.openTruncate(at, odd));
  for (let number = 0; number < 3000; number++) kernel.close(kernel.openTruncate(at, `n${number}`));
  const names = kernel.readDirectory(at, ".");
  assertEquals(names.length, 3001);
  assertEquals(new Set(names.map((name) => name.join())).size, 3001);
  assert(names.some((name) => name.join() === odd.join()));
  kernel.close(at);
});

kernelTest("Files stat tells kind, size, permissions, links and identity", async () => {
  await using dir = await tempDir();
  const at = kernel.openDirectory(CWD, encode(dir.path));
  await Deno.writeTextFile(dir.join("file"), "12345", { mode: 0o640 });
  kernel.link(at, "file", "second");
  Deno.symlinkSync("file", dir.join("link"));
  const status = kernel.stat(at, "link");
  const { ino, dev, uid } = Deno.statSync(dir.join("file"));
  assertEquals(
    [status.kind, status.size, status.permissions, status.links, Number(status.inode), status.uid],
    ["file", 5, 0o640, 2, ino, uid],
  );
  // Deno packs major and minor numbers as the C library does.
  const { device } = status;
  const [major, minor] = [Math.floor(device / 2 ** 32), device % 2 ** 32];
  assertEquals((minor & 0xff) + (major & 0xfff) * 256 + (minor - (minor & 0xff)) * 4096, dev);
  assertEquals(kernel.statLink(at, "link").kind, "link");
  assertEquals(kernel.stat(at, ".").kind, "directory");
  kernel.close(at);
});

kernelTest("Files read says whether there is nothing yet or nothing any more", async () => {
  const { readFd, writeFd } = kernel.pipe();
  const fifo = `/proc/self/fd/${readFd}`;
  const nonBlocking = kernel.openRead(CWD, fifo);
  const buffer = new Uint8Array(10);
  assertEquals(kernel.read(nonBlocking, buffer), WOULD_BLOCK);
  assertEquals(kernel.write(writeFd, encode("abc")), 3);
  assertEquals(kernel.bytesWaiting(readFd), 3);
  assertEquals([kernel.read(nonBlocking, buffer), decode(buffer.subarray(0, 3))], [3, "abc"]);
  kernel.close(writeFd);
  await waitFor(() => kernel.read(nonBlocking, buffer) === 0, { what: "the end of input" });
  kernel.close(nonBlocking);
  kernel.close(readFd);
});

kernelTest("Files tee copies what waits in a pipe, and never waits", async () => {
  const [input, copy] = [kernel.pipe(), kernel.pipe()];
  const buffer = new Uint8Array(10);
  const tee = (length: number) => kernel.tee(input.readFd, copy.writeFd, length);
  assertEquals(tee(10), WOULD_BLOCK);
  kernel.write(input.writeFd, encode("abc"));
  assertEquals(tee(2), 2);
  assertEquals([kernel.read(copy.readFd, buffer), kernel.bytesWaiting(input.readFd)], [2, 3]);
  assertEquals(decode(buffer.subarray(0, 2)), "ab");
  kernel.close(input.writeFd);
  assertEquals(kernel.read(input.readFd, buffer), 3);
  await waitFor(() => tee(10) === 0, { what: "the end of input" });
  const fileFd = kernel.openRead(CWD, "/dev/null");
  assertEquals(failureOf(() => kernel.tee(fileFd, copy.writeFd, 1)), ERRNO.EINVAL);
  for (const fd of [fileFd, input.readFd, copy.readFd, copy.writeFd]) kernel.close(fd);
});

kernelTest("Files splice moves what waits in a pipe, and never waits", async () => {
  await using dir = await tempDir();
  const at = kernel.openDirectory(CWD, encode(dir.path));
  const fileFd = kernel.openTruncate(at, "file");
  kernel.write(fileFd, encode("0123456789"));
  const [input, other] = [kernel.pipe(), kernel.pipe()];
  const buffer = new Uint8Array(10);
  assertEquals(kernel.splice(input.readFd, fileFd, 1, 5), WOULD_BLOCK);
  kernel.write(input.writeFd, encode("abcd"));
  assertEquals(kernel.splice(input.readFd, other.writeFd, 2), 2);
  assertEquals([kernel.read(other.readFd, buffer), decode(buffer.subarray(0, 2))], [2, "ab"]);
  assertEquals(kernel.splice(input.readFd, fileFd, 1, 5), 1);
  assertEquals(Deno.readTextFileSync(dir.join("file")), "01234c6789");
  // Some kernels then read such a pipe in another way.
  assertEquals([kernel.readNow(input.readFd, buffer), buffer[0]], [1, 0x64]);
  assertEquals(kernel.readNow(input.readFd, buffer), WOULD_BLOCK);
  const appendingFd = kernel.openAppend(at, "file");
  kernel.write(input.writeFd, encode("e"));
  const failed = () => kernel.splice(input.readFd, appendingFd, 1, 5);
  assertEquals([failureOf(failed), kernel.bytesWaiting(input.readFd)], [ERRNO.EINVAL, 1]);
  const { readFd, writeFd } = input;
  for (const fd of [at, fileFd, appendingFd, readFd, writeFd, other.readFd, other.writeFd]) {
    kernel.close(fd);
  }
});

kernelTest("Files isLocal tells memory from what else a file may be on", () => {
  const memoryFd = memfdH.memfd_create(encode("test\0"), MFD_CLOEXEC);
  const procFd = kernel.openDirectory(CWD, "/proc");
  assertEquals([kernel.isLocal(memoryFd), kernel.isLocal(procFd)], [true, false]);
  assertEquals(failureOf(() => kernel.isLocal(-1)), ERRNO.EBADF);
  for (const fd of [memoryFd, procFd]) kernel.close(fd);
});

kernelTest("Files setAccessTime and touch set one time each", async () => {
  await using dir = await tempDir();
  const fd = kernel.openAppend(CWD, encode(dir.join("file")));
  await Deno.utime(dir.join("file"), 1000, 2000);
  const seconds = () => {
    const { accessed, modified } = kernel.fileTimes(CWD, encode(dir.join("file")));
    return [accessed.seconds, modified.seconds];
  };
  assertEquals(seconds(), [1000, 2000]);
  const accessed = { seconds: 3000, nanoseconds: 999_999_999 };
  kernel.setAccessTime(fd, accessed);
  assertEquals(seconds(), [3000, 2000]);
  assertEquals(kernel.fileTimes(CWD, encode(dir.join("file"))).accessed, accessed);
  kernel.touch(fd);
  const [accessedSeconds, modifiedSeconds] = seconds();
  assert(accessedSeconds === 3000 && modifiedSeconds! > 2000);
  kernel.close(fd);
});

kernelTest("Files isWritable tells a full pipe", () => {
  const { readFd, writeFd } = kernel.pipe();
  const nonBlocking = kernel.openWrite(CWD, `/proc/self/fd/${writeFd}`);
  assertEquals(kernel.isWritable(nonBlocking), true);
  const block = new Uint8Array(65536);
  assertEquals(kernel.write(nonBlocking, block), block.length);
  assertEquals(kernel.isWritable(nonBlocking), false);
  for (const fd of [nonBlocking, writeFd, readFd]) kernel.close(fd);
});

kernelTest("Files lock keeps others out until it is closed", async () => {
  await using dir = await tempDir();
  const open = () => kernel.openAppend(CWD, encode(dir.join("lock")));
  const [first, second] = [open(), open()];
  kernel.lock(first, false);
  assertEquals(failureOf(() => kernel.lock(second, false)), ERRNO.EAGAIN);
  kernel.close(first);
  const isFree = () => {
    try {
      kernel.lock(second, false);
      return true;
    } catch {
      return false;
    }
  };
  await waitFor(isFree, { what: "the lock" });
  kernel.close(second);
});

kernelTest("readNow() reads what there is, and never waits", async () => {
  const { readFd, writeFd } = kernel.pipe();
  const into = new Uint8Array(10);
  assertEquals(kernel.readNow(readFd, into), WOULD_BLOCK);
  kernel.write(writeFd, encode("0123456789abc"));
  assertEquals([kernel.readNow(readFd, into), decode(into)], [10, "0123456789"]);
  assertEquals(kernel.readNow(readFd, into), 3);
  assertEquals(kernel.readNow(readFd, into), WOULD_BLOCK);
  kernel.close(writeFd);
  await waitFor(() => kernel.readNow(readFd, into) === 0, { what: "the end of input" });
  kernel.close(readFd);
  const directoryFd = kernel.openDirectory(CWD, "/");
  assertThrows(() => kernel.readNow(directoryFd, into), SystemError);
  kernel.close(directoryFd);
});

kernelTest("readNow() reads a file on from where it is", async () => {
  await using dir = await tempDir();
  Deno.writeTextFileSync(dir.join("file"), "0123456789");
  const fd = kernel.openRead(CWD, dir.join("file"));
  const into = new Uint8Array(7);
  assertEquals([kernel.readNow(fd, into), kernel.readNow(fd, into)], [7, 3]);
  assertEquals([kernel.readNow(fd, into), decode(into)], [0, "7893456"]);
  kernel.close(fd);
});

kernelTest(
  "Poller looks once after a pause, which can be ended, and waits without a thread",
  async () => {
    const poller = kernel.newPoller();
    const { readFd, writeFd } = kernel.pipe();
    poller.add(readFd);
    const waiting = poller.wait(-1, { pauseMs: 1, holdsUp: false });
    kernel.write(writeFd, encode("x"));
    assertEquals(await waiting, [readFd]);
    assertEquals(await poller.wait(-1, { pauseMs: 1, holdsUp: true }), [readFd]);
    assertEquals(await poller.wait(-1, { pauseMs: 0, holdsUp: true }), [readFd]);
    kernel.read(readFd, new Uint8Array(1));
    assertEquals(await poller.wait(-1, { pauseMs: 1, holdsUp: false }), []);
    assertEquals(await poller.wait(1, { pauseMs: 0, holdsUp: true }), []);
    const long = poller.wait(-1, { pauseMs: 2 ** 30, holdsUp: false });
    poller.wake();
    assertEquals(await long, []);
    const { turns } = poller;
    while (poller.turns === turns) await poller.wait(5, { pauseMs: 0, holdsUp: false });
    assertEquals(await poller.wait(0), []);
    poller.remove(readFd);
    for (const fd of [readFd, writeFd]) kernel.close(fd);
  },
);

kernelTest("Poller finds what is readable, and can be woken", async () => {
  const poller = kernel.newPoller();
  const { readFd, writeFd } = kernel.pipe();
  poller.add(readFd);
  assertEquals(await poller.wait(0), []);
  kernel.write(writeFd, encode("x"));
  assertEquals(await poller.wait(-1), [readFd]);
  poller.remove(readFd);
  const waiting = poller.wait(-1);
  poller.wake();
  assertEquals(await waiting, []);
  for (const fd of [readFd, writeFd]) kernel.close(fd);
});

kernelTest(
  "ChangeWatcher notices names, below a directory descriptor, and nothing else",
  async () => {
    await using dir = await tempDir();
    const at = kernel.openDirectory(CWD, encode(dir.path));
    Deno.mkdirSync(dir.join("sub"));
    const watcher = kernel.newChangeWatcher();
    const watch = watcher.addNames(at, "sub");
    const namesSeen = () =>
      watcher.read().map((change) => {
        assertEquals(change.watch, watch);
        return decode(change.name);
      });
    Deno.writeTextFileSync(dir.join("sub/file"), "text");
    assertEquals(namesSeen(), ["file"]);
    Deno.writeTextFileSync(dir.join("sub/file"), "more");
    assertEquals(namesSeen(), []);
    Deno.chmodSync(dir.join("sub/file"), 0o755);
    Deno.symlinkSync("nowhere", dir.join("sub/link"));
    assertEquals(namesSeen(), ["file", "link"]);
    watcher.close();
    kernel.close(at);
  },
);

kernelTest("Processes spawn says at once what cannot be executed", async () => {
  await using dir = await tempDir();
  const directoryFd = kernel.openDirectory(CWD, encode(dir.path));
  const { readFd, writeFd } = kernel.pipe();
  // Two that change places: one of them is copied out of the way.
  const descriptors = [{ from: readFd, to: writeFd }, { from: writeFd, to: readFd }];
  const attributes = { limits: [], descriptors };
  const spawn = (path: string) =>
    kernel.spawn({ path, argv: [encode(path)], environment: [], directoryFd, attributes });
  // Only what leads to this test's own: others run beside it in this process.
  const own = descriptorsOf(Deno.pid).get(readFd)!;
  const leadingHere = () =>
    [...descriptorsOf(Deno.pid)].filter(([, to]) => to === own || to.startsWith(dir.path));
  const before = leadingHere();
  assertEquals(before.map(([fd]) => fd), [directoryFd, readFd, writeFd].sort((a, b) => a - b));
  Deno.writeTextFileSync(dir.join("plain"), "", { mode: 0o644 });
  Deno.writeTextFileSync(dir.join("empty"), "x", { mode: 0o755 });
  assertEquals(failureOf(() => spawn("./nosuch")), ERRNO.ENOENT);
  assertEquals(failureOf(() => spawn("./plain")), ERRNO.EACCES);
  assertEquals(failureOf(() => spawn("./empty")), ERRNO.ENOEXEC);
  assertEquals(failureOf(() => spawn(".")), ERRNO.EACCES);
  assertEquals(leadingHere(), before);
  for (const fd of [directoryFd, readFd, writeFd]) kernel.close(fd);
});

kernelTest(
  "Processes run nothing under limits that cannot be set, and keep their own",
  async () => {
    await using dir = await tempDir();
    const directoryFd = kernel.openDirectory(CWD, encode(dir.path));
    // It could not be executed either: this process must not become another, whatever goes wrong.
    Deno.writeTextFileSync(dir.join("empty"), "x", { mode: 0o755 });
    const path = dir.join("empty");
    const before = [RLIMIT.NOFILE, RLIMIT.STACK].map(kernel.getLimit);
    const limits = [
      { resource: RLIMIT.NOFILE, limit: { ...before[0]!, soft: before[0]!.hard } },
      { resource: RLIMIT.STACK, limit: { soft: 2n, hard: 1n } },
    ];
    const attributes = { limits, descriptors: [] };
    const plan = { path, argv: [encode("empty")], environment: [], directoryFd };
    for (
      const attempt of [
        () => kernel.execute(encode(path), plan.argv, [], attributes),
        () => kernel.spawn({ ...plan, attributes }),
      ]
    ) {
      const { call, errno } = assertThrows(attempt, SystemError) as SystemError;
      assertEquals([call, errno], ["setrlimit", ERRNO.EINVAL]);
      assertEquals([RLIMIT.NOFILE, RLIMIT.STACK].map(kernel.getLimit), before);
    }
    kernel.close(directoryFd);
  },
);

kernelTest("Processes spawn, kill and openProcess work on a real process", async () => {
  await using dir = await tempDir();
  const directoryFd = kernel.openDirectory(CWD, encode(dir.path));
  const argv = ["sh", "-c", 'echo "$A $0 $(pwd)" >out; kill -STOP $$; exec sleep 1000000', "arg"];
  const pid = kernel.spawn({
    path: "/bin/sh",
    argv: argv.map(encode),
    environment: [encode("A=1"), encode("PATH=/usr/bin:/bin")],
    directoryFd,
    attributes: { limits: [], descriptors: [] },
  });
  await waitFor(() => Deno.readTextFileSync(dir.join("out")).endsWith("\n"), { what: "output" });
  assertEquals(Deno.readTextFileSync(dir.join("out")), `1 arg ${dir.path}\n`);
  const pidFd = kernel.openProcess(pid);
  const poller = kernel.newPoller();
  poller.add(pidFd);
  assertEquals(await poller.wait(0), []);
  kernel.kill(pid, SIGNAL.CONT);
  kernel.signal(pidFd, SIGNAL.KILL);
  assertEquals(await poller.wait(10_000), [pidFd]);
  // Not reaped here: waiting for any child would take those of tests that run beside this one.
  poller.remove(pidFd);
  kernel.close(pidFd);
  kernel.close(directoryFd);
});

kernelTest("ChangeWatcher names what changed in which of several directories", async () => {
  await using dir = await tempDir();
  for (const name of ["a", "b"]) Deno.mkdirSync(dir.join(name));
  const watcher = kernel.newChangeWatcher();
  const [a, b] = [watcher.add(dir.join("a")), watcher.add(dir.join("b"))];
  assertEquals(watcher.read(), []);
  Deno.writeTextFileSync(dir.join("a/file"), "text");
  Deno.renameSync(dir.join("a/file"), dir.join("b/other"));
  const seen = watcher.read().map(({ watch, name }) =>
    `${watch === a ? "a" : "b"}/${decode(name)}`
  );
  assertEquals([...new Set(seen)], ["a/file", "b/other"]);
  watcher.remove(b);
  watcher.read();
  Deno.removeSync(dir.join("b/other"));
  assertEquals(watcher.read(), []);
  assertEquals(failureOf(() => watcher.add(dir.join("nosuch"))), ERRNO.ENOENT);
  watcher.close();
});

kernelTest("ChangeWatcher tells when the last writing end of a FIFO is closed", async () => {
  await using dir = await tempDir();
  const at = kernel.openDirectory(CWD, encode(dir.path));
  kernel.mkfifo(at, "fifo", 0o600);
  const end = kernel.openReadWrite(at, "fifo");
  const watcher = kernel.newChangeWatcher();
  watcher.add(dir.path);
  kernel.close(end);
  const seen: string[] = [];
  await waitFor(() => {
    seen.push(...watcher.read().map(({ name }) => decode(name)));
    return seen.length > 0;
  }, { what: "the end to be noticed" });
  assertEquals(seen, ["fifo"]);
  watcher.close();
  kernel.close(at);
});
