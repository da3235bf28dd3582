/**
 * daemontools by its own name: help, manual pages, lists. Installing is in tests/install.
 */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { PROGRAMS } from "../../src/suite/registry.ts";
import { tempDir } from "../support/temp.ts";
import { isReference, ROOT, run } from "../support/tools.ts";

const EXECUTABLE = `${ROOT}/build/daemontools`;
const NAMES = Object.keys(PROGRAMS);

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: isReference, fn });
}

test("daemontools --list names every program with what it is for", async () => {
  const { code, stdout } = await run(EXECUTABLE, ["--list"]);
  assertEquals(code, 0);
  const rows = stdout.trimEnd().split("\n").map((line) => /^(\S+)\s+(.*)$/.exec(line)?.slice(1));
  assertEquals(rows, NAMES.map((name) => [name, PROGRAMS[name]!.summary]));
});

test("daemontools list and version say the same as the options of that name", async () => {
  for (const verb of ["help", "list", "version"]) {
    const [asVerb, asOption] = [
      await run(EXECUTABLE, [verb]),
      await run(EXECUTABLE, [`--${verb}`]),
    ];
    assertEquals(asVerb, asOption);
    assertEquals([asVerb.code, asVerb.stderr], [0, ""]);
  }
});

test("daemontools list fails when its output cannot be written", async () => {
  const script = 'exec "$0" list >/dev/full';
  const { code, stderr } = await run("/bin/sh", ["-c", script, EXECUTABLE]);
  assertEquals(code, 111);
  assertEquals(stderr, "daemontools: fatal: unable to write output: out of disk space\n");
});

test("daemontools help shows a manual page, without marks when it is not a terminal", async () => {
  for (const name of ["daemontools", ...NAMES]) {
    const { code, stdout, stderr } = await run(EXECUTABLE, ["help", name]);
    assertEquals([code, stderr], [0, ""], name);
    assertStringIncludes(stdout, `${name.toUpperCase()}(8)`);
    assertStringIncludes(stdout, "\nSEE ALSO\n");
    assertEquals(stdout.includes("\x1b"), false);
    assertEquals(stdout.split("\n").filter((line) => /\\[-fe&]|^\./.test(line)), []);
  }
});

test("daemontools help marks bold words on a terminal and keeps within its width", async () => {
  const command = 'stty cols 60; "$EXECUTABLE" help svc';
  const env = { EXECUTABLE, PAGER: "cat" };
  const { stdout } = await run("/usr/bin/script", ["-qec", command, "/dev/null"], { env });
  assertStringIncludes(stdout, "\x1b[0;1mSYNOPSIS\x1b[0m");
  // deno-lint-ignore no-control-regex
  const lines = stdout.replace(/\x1b\[[\d;]*m/g, "").split(/\r?\n/);
  assertEquals(lines.filter((line) => line.length > 60), []);
});

test("daemontools explains itself when it is called wrongly", async () => {
  const { code, stdout, stderr } = await run(EXECUTABLE);
  assertEquals([code, stdout], [100, ""]);
  assertStringIncludes(stderr, "usage: daemontools TOOL");
  assertStringIncludes(stderr, PROGRAMS.svc!.summary);
});

test("daemontools names the mistake when it is called wrongly", async () => {
  const messages: [args: string[], message: string][] = [
    [["svcc", "-u"], "fatal: unknown tool svcc (did you mean svc?)"],
    [["isntall"], "fatal: unknown tool isntall (did you mean install?)"],
    [["SVC"], "fatal: unknown tool SVC (did you mean svc?)"],
    [["--lsit"], "fatal: unknown tool --lsit (did you mean list?)"],
    [["log-hots"], "fatal: unknown tool log-hots"],
    [["nonesuch"], "fatal: unknown tool nonesuch"],
    [["help", "svcstat"], "fatal: unknown topic svcstat (did you mean svstat?)"],
    [["help", "stats"], "fatal: unknown topic stats (did you mean status?)"],
    [["help", "tutorail"], "fatal: unknown topic tutorail (did you mean tutorial?)"],
    [["help", "../man"], "fatal: unknown topic ../man"],
    [["help", "svc", "svc"], "usage: daemontools help [ PAGE ]"],
  ];
  for (const [args, message] of messages) {
    const { code, stdout, stderr } = await run(EXECUTABLE, args);
    assertEquals([code, stdout], [100, ""], args.join(" "));
    assertEquals(stderr.split("\n")[0], `daemontools: ${message}`);
  }
});

test("daemontools under another name does the same, and knows a mistyped link", async () => {
  await using dir = await tempDir();
  for (const name of ["svcc", "any-name"]) await Deno.symlink(EXECUTABLE, dir.join(name));
  const mistyped = await run(dir.join("svcc"), ["-u", "x"]);
  assertEquals(mistyped.code, 100);
  assertStringIncludes(mistyped.stderr, "fatal: unknown tool svcc (did you mean svc?)\n");
  assertEquals(await run(dir.join("any-name"), ["version"]), await run(EXECUTABLE, ["version"]));
  assertEquals((await run(dir.join("any-name"), ["svok", "x"])).code, 111);
  assertEquals((await run(dir.join("any-name"), ["install", "--help"])).code, 0);
});

test("--help as the only argument prints the usage of every tool", async () => {
  for (const name of NAMES) {
    const { code, stdout, stderr } = await run(name, ["--help"]);
    assertEquals([code, stderr], [0, ""], name);
    assertStringIncludes(stdout, `usage: ${PROGRAMS[name]!.usage}\n`);
  }
});

test("--help beside other arguments is what it is for the C tools", async () => {
  const { code, stdout } = await run("svstat", ["--help", "--help"]);
  const line = "--help: unable to chdir: file does not exist\n";
  assertEquals([code, stdout], [0, line + line]);
});

test("daemontools help goes on without a pager", async () => {
  const env = { EXECUTABLE, PAGER: "/nonexistent/pager" };
  const args = ["-qec", '"$EXECUTABLE" help svok', "/dev/null"];
  const { code, stdout } = await run("/usr/bin/script", args, { env });
  assertEquals(code, 0);
  assertStringIncludes(stdout, "SVOK(8)");
});
