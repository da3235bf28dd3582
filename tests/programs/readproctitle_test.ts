/** readproctitle: its title. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { existsSync } from "@std/fs/exists";
import { commandLineOf } from "../support/processes.ts";
import { tempDir } from "../support/temp.ts";
import { isReference, run, start, tool } from "../support/tools.ts";
import { waitFor } from "../support/wait.ts";

const PS = "/usr/bin/ps";

async function waitForTitle(pid: number, title: string): Promise<void> {
  await waitFor(() => commandLineOf(pid).at(-1) === title, {
    what: `the title ${title}`,
    explain: () => JSON.stringify(commandLineOf(pid)),
  });
}

Deno.test("readproctitle is silent about wrong usage", async () => {
  for (const args of [[], ["x"], ["...."], ["x", "...."]]) {
    const { code, stdout, stderr } = await run("readproctitle", args);
    assertEquals([code, stdout, stderr], [100, "", ""]);
  }
});

Deno.test("readproctitle ends when its input does", async () => {
  assertEquals((await run("readproctitle", ["....."])).code, 0);
});

Deno.test("readproctitle fails when its input cannot be read", async () => {
  const { code, stderr } = await run("/bin/sh", ["-c", "readproctitle ..... </"]);
  assertEquals([code, stderr], [111, ""]);
});

Deno.test("readproctitle scrolls its last argument", async () => {
  await using program = start("readproctitle", ["service", "errors:", "xxxxxxxxxx"]);
  await waitForTitle(program.pid, "..........");
  await program.write("ab");
  await waitForTitle(program.pid, "........ab");
  await program.write("c\0d\n");
  await waitForTitle(program.pid, ".....abcd\n");
  assertEquals(commandLineOf(program.pid).slice(1, 3), ["service", "errors:"]);
  await program.closeStdin();
  assertEquals((await program.status).code, 0);
});

Deno.test({
  name: "readproctitle shows its last argument to ps",
  ignore: !existsSync(PS),
  fn: async () => {
    await using program = start("readproctitle", ["service", "errors:", "xxxxxxxxxx"]);
    await program.write("abcd\n");
    await waitForTitle(program.pid, ".....abcd\n");
    const { stdout } = await run(PS, ["-o", "args=", "-p", `${program.pid}`]);
    assertStringIncludes(stdout, "readproctitle service errors: .....abcd");
  },
});

Deno.test("readproctitle keeps up with a flood", async () => {
  await using program = start("readproctitle", ["errors:", ".".repeat(400)]);
  const line = `${"x".repeat(99)}\n`;
  for (let i = 0; i < 50; i++) await program.write(line.repeat(2000));
  await program.write("the end");
  await waitForTitle(program.pid, `...${(line.repeat(5) + "the end").slice(-397)}`);
});

Deno.test({
  name: "readproctitle copies its input to standard error, and does not wait for its reader",
  // The C program writes nothing.
  ignore: isReference,
  fn: async () => {
    const { code, stdout, stderr } = await run("readproctitle", ["....."], { stdin: "one\ntwo\n" });
    assertEquals([code, stdout, stderr], [0, "", "one\ntwo\n"]);
    const script = "mkfifo stuck; exec 3<>stuck; head -c 300000 /dev/zero | " +
      '"$1" ..... 2>stuck; echo "exit $?"';
    await using dir = await tempDir();
    const stuck = await run("/bin/sh", ["-c", script, "sh", tool("readproctitle")], {
      cwd: dir.path,
    });
    assertEquals(stuck.stdout, "exit 0\n");
  },
});

Deno.test("readproctitle does not copy its input into its input", async () => {
  const script = 'mkfifo own; exec 3<>own; "$1" .......... <own 2>own & echo once >own; ' +
    // Not in the shell's own arguments, which it shows until it runs.
    'until tr "\\0" "\\n" </proc/$!/cmdline | grep -q "^[.]*once"; do sleep 0.02; done; ' +
    "kill $!; timeout 0.3 cat <&3; echo end";
  await using dir = await tempDir();
  const { stdout } = await run("/bin/sh", ["-c", script, "sh", tool("readproctitle")], {
    cwd: dir.path,
  });
  assertEquals(stdout, "end\n");
});
