/** tai64n: labels in front of lines. */

import { assert, assertEquals } from "@std/assert";
import { SIGNAL } from "../../src/base/signals.ts";
import { tempDir } from "../support/temp.ts";
import { hasPerl, isReference, run, start, tool } from "../support/tools.ts";

Deno.test("tai64n puts a label in front of each line, whatever is in it", async () => {
  const lines = ["a", "", "\0\xff", "x".repeat(999), "y".repeat(300_000), "last"];
  for (const end of ["", "\n"]) {
    const input = new TextEncoder().encode(lines.join("\n") + end);
    const { stdout, code } = await run("tai64n", [], { stdin: input });
    assertEquals(code, 0);
    const shown = stdout.split("\n");
    if (end === "\n") assertEquals(shown.pop(), "");
    assertEquals(shown.map((line) => line.slice(26)), lines);
    assert(shown.every((line) => /^@[0-9a-f]{24} /.test(line)));
  }
});

Deno.test("tai64n labels increase", async () => {
  const { stdout } = await run("tai64n", [], { stdin: "x\n".repeat(100_000) });
  const labels = stdout.split("\n").slice(0, -1).map((line) => line.slice(0, 25));
  assertEquals(labels.length, 100_000);
  assert(
    labels.every((label, index) =>
      index === 0 || label > labels[index - 1]! || (isReference && label === labels[index - 1])
    ),
  );
});

Deno.test("tai64n and whatever prints ends by SIGPIPE when nobody reads any more", async () => {
  const calls = [["tai64n"], ["tai64nlocal"], ["svstat", "/"]];
  if (!isReference) calls.push(["tai64nfrac"], ["svc", "--help"]);
  await using dir = await tempDir();
  // The reader has closed its end before the tool begins.
  const unread = `{ read -r _ <go; exec "$@"; } | { exec <&-; echo >go; }
exit "\${PIPESTATUS[0]}"`;
  await run("/usr/bin/mkfifo", [dir.join("go")]);
  for (const [name = "", ...args] of calls) {
    // A little is written at once, much by a helper thread.
    for (const stdin of ["\n", "\n".repeat(3_000_000)]) {
      const command = ["-c", unread, "bash", tool(name), ...args];
      const { code, stderr } = await run("/bin/bash", command, { cwd: dir.path, stdin });
      assertEquals([name, code, stderr], [name, 128 + SIGNAL.PIPE, ""]);
    }
  }
});

Deno.test("tai64n writes nothing when there is nothing", async () => {
  const { stdout, code } = await run("tai64n", []);
  assertEquals([stdout, code], ["", 0]);
});

Deno.test({
  name: "tai64n waits for input as often as it must, with few descriptors",
  // daemontools' ends at once on input that does not wait.
  ignore: isReference || !hasPerl,
  async fn() {
    const unblocked = "use Fcntl; fcntl(STDIN, F_SETFL, O_NONBLOCK) or die; exec {$ARGV[0]} @ARGV";
    const script = `ulimit -n 40; exec perl -e '${unblocked}' "$1"`;
    for (const name of ["tai64n", "tai64nlocal", "tai64nfrac"]) {
      await using filter = start("/bin/sh", ["-c", script, "sh", tool(name)]);
      for (let line = 1; line <= 40; line++) {
        await filter.write(`line ${line}\n`);
        await filter.waitForOutput(`line ${line}\n`);
      }
      await filter.closeStdin();
      assertEquals((await filter.status).code, 0);
    }
  },
});
