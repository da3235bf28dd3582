import { assertEquals } from "@std/assert";
import { type Bytes, decode, encode } from "../../../src/base/bytes.ts";
import { ERRNO } from "../../../src/base/errno.ts";
import { SystemError } from "../../../src/base/system_error.ts";
import { findHostedLog, type HostedLogKernel } from "../../../src/chain/hosted_log.ts";
import type { FileStatus, Path } from "../../../src/system/kernel.ts";

const OURS = ["/command/multilog", "/command/setuidgid"];
const ENVIRONMENT = [encode("PATH=/none:/command:/usr/bin")];

/** The only directory there is, with executables elsewhere; 5 is the descriptor of `run`. */
class LoggerDirectory implements HostedLogKernel {
  readonly open = new Set<number>();
  isRunExecutable = true;
  hasOwnProcessFile = false;

  constructor(readonly script: string, readonly kind: FileStatus["kind"] = "file") {}

  openRead(_at: number, path: Path): number {
    if (path !== "run") throw new SystemError("open", ERRNO.ENOENT);
    this.open.add(5);
    return 5;
  }

  read(_fd: number, into: Bytes): number {
    const bytes = encode(this.script);
    into.set(bytes.subarray(0, into.length));
    return Math.min(into.length, bytes.length);
  }

  close(fd: number): void {
    this.open.delete(fd);
  }

  statFd(): FileStatus {
    return this.#status(encode(this.script).length);
  }

  statLink(): FileStatus {
    if (!this.hasOwnProcessFile) throw new SystemError("stat", ERRNO.ENOENT);
    return this.#status(0);
  }

  isExecutable(): boolean {
    return this.isRunExecutable;
  }

  isOwnExecutable(path: Path): boolean {
    const text = typeof path === "string" ? path : decode(path);
    if (text.startsWith("/none/")) throw new SystemError("stat", ERRNO.ENOENT);
    return OURS.includes(text);
  }

  find(environment: readonly Bytes[] = ENVIRONMENT) {
    const plan = findHostedLog(
      this,
      4,
      environment,
      (directoryFd, path) => `${directoryFd}:${decode(path)}`.slice(0, 6),
    );
    assertEquals(this.open.size, 0, "nothing stays open");
    return plan;
  }

  #status(size: number): FileStatus {
    const { kind } = this;
    return { kind, size, device: 1, inode: 1n, permissions: 0o755, links: 1, uid: 0 };
  }
}

const script = (line: string): string => `#!/bin/sh\n${line}\n`;

Deno.test("findHostedLog() finds our multilog", () => {
  const plan = new LoggerDirectory(script("exec multilog t ./main")).find()!;
  assertEquals(decode(plan.executable), "/command/multilog");
  assertEquals(plan.account, undefined);
  assertEquals(plan.args.map(decode), ["t", "./main"]);
});

Deno.test("findHostedLog() finds our multilog behind our setuidgid", () => {
  const text = script("exec 2>&1\nexec /command/setuidgid log /command/multilog ./main");
  const plan = new LoggerDirectory(text).find()!;
  assertEquals(decode(plan.account!), "log");
  assertEquals(plan.args.map(decode), ["./main"]);
  assertEquals(plan.joinsErrorToOutput, true);
});

for (
  const [why, line] of Object.entries({
    "another multilog": "exec /usr/bin/multilog ./main",
    "another setuidgid": "exec /usr/bin/setuidgid log multilog ./main",
    "another multilog behind ours": "exec setuidgid log /usr/bin/multilog ./main",
    "another program": "exec svlogd ./main",
    "another program of ours": "exec setuidgid log tai64n",
    "a path from the script's own directory": "exec ./multilog ./main",
    "an account without a name": "exec setuidgid '' multilog ./main",
    "an account and nothing behind it": "exec setuidgid log",
    "what is not plain": "exec multilog $X ./main",
  })
) {
  Deno.test(`findHostedLog() leaves to a process: ${why}`, () => {
    assertEquals(new LoggerDirectory(script(line)).find(), undefined);
  });
}

Deno.test("findHostedLog() leaves to a process what has own-process, or cannot be executed", () => {
  const directory = new LoggerDirectory(script("exec multilog ./main"));
  directory.hasOwnProcessFile = true;
  assertEquals(directory.find(), undefined);
  directory.hasOwnProcessFile = false;
  directory.isRunExecutable = false;
  assertEquals(directory.find(), undefined);
  assertEquals(new LoggerDirectory(script("exec multilog ./main"), "fifo").find(), undefined);
});

Deno.test("findHostedLog() leaves to a process what a relative PATH may find", () => {
  const directory = new LoggerDirectory(script("exec multilog ./main"));
  assertEquals(directory.find([encode("PATH=.:/command")]), undefined);
  assertEquals(directory.find([encode("PATH=/usr/bin:/command")]), undefined);
});

Deno.test("findHostedLog() tells the file systems of all that the script names", () => {
  const directory = new LoggerDirectory(script("exec multilog ./a ./b/c /var/log/d =e =/var/f"));
  assertEquals(directory.find()?.mounts, ["4:./a", "4:./b/", "4:/var", "4:e"]);
});

Deno.test("findHostedLog() tells how many descriptors the stream may have", () => {
  for (
    const [words, descriptors] of [
      ["t", 2],
      ["t ./main", 6],
      ["./a +x ./b =status =other e", 12],
      ["./a gzip=yes ./b gzip=no ./c", 16],
      ["./a '!gzip' ./b '!cat' ./c gzip=yes ./d", 32],
    ] as const
  ) {
    const directory = new LoggerDirectory(script(`exec multilog ${words}`));
    assertEquals(directory.find()?.descriptors, descriptors, words);
  }
});
