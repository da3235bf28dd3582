/** readproctitle: its title. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { existsSync } from "@std/fs/exists";
import { commandLineOf } from "../support/processes.ts";
import { run, start } from "../support/tools.ts";
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
