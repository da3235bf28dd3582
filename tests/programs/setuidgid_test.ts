/** setuidgid: the account that a program gets. All of the program's state is in chain_test. */

import { assertEquals } from "@std/assert";
import { isRoot } from "../support/chain.ts";
import { tempDir } from "../support/temp.ts";
import { isReference, run, type RunOptions, type RunResult, tool } from "../support/tools.ts";

const IDS = ["/bin/sh", "-c", "id -u; id -g; id -G; echo $HOME"];

function rootTest(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: !isRoot, fn });
}

/** Runs a program as the account `bin`, as an ordinary user would. */
async function runAsBin(program: string, args: string[]): Promise<RunResult> {
  const user = ["--reuid", "2", "--regid", "2", "--clear-groups"];
  return await run("/usr/bin/setpriv", [...user, program, ...args]);
}

rootTest("setuidgid gives the account's user and group, no other group, and no HOME", async () => {
  const options: RunOptions = { env: { HOME: "/as/before" } };
  const { code, stdout, stderr } = await run("setuidgid", ["daemon", ...IDS], options);
  assertEquals([code, stdout, stderr], [0, "1\n1\n1\n/as/before\n", ""]);
});

rootTest("setuidgid gives up groups that the account belongs to by /etc/group", async () => {
  const groups = ["--groups", "4,24"];
  const args = [...groups, tool("setuidgid"), "daemon", "/usr/bin/id", "-G"];
  assertEquals((await run("/usr/bin/setpriv", args)).stdout, "1\n");
});

rootTest("setuidgid passes arguments and exit code on", async () => {
  const script = ["/bin/sh", "-c", 'printf "<%s>" "$@"; exit 7', "sh", "a b", "", "-x"];
  const { code, stdout } = await run("setuidgid", ["daemon", ...script]);
  assertEquals([code, stdout], [7, "<a b><><-x>"]);
});

rootTest("setuidgid of an ordinary user is refused by the system, and runs nothing", async () => {
  await using dir = await tempDir();
  // Where that account can reach it. A copy that is open for writing here, and in what is started
  // meanwhile, could not be executed.
  await run("/bin/cp", [tool("setuidgid"), dir.join("setuidgid")]);
  for (const account of ["daemon", "root", "bin"]) {
    const result = await runAsBin(dir.join("setuidgid"), [account, "/bin/echo", "ran"]);
    const { code, stdout, stderr } = result;
    const reason = "setuidgid: fatal: unable to setgid: permission denied\n";
    assertEquals([code, stdout, stderr], [111, "", reason], account);
  }
});

Deno.test("setuidgid runs nothing for an account that is unknown", async () => {
  for (const account of ["no such account", "", "1"]) {
    const { code, stdout, stderr } = await run("setuidgid", [account, "/bin/echo", "ran"]);
    const reason = `setuidgid: fatal: unknown account ${account}\n`;
    assertEquals([code, stdout, stderr], [111, "", reason]);
  }
});

Deno.test("setuidgid without a program prints its usage", async () => {
  for (const args of [[], ["daemon"]]) {
    const { code, stderr } = await run("setuidgid", args);
    const option = isReference ? "" : "[ -s ] ";
    assertEquals([code, stderr], [100, `setuidgid: usage: setuidgid ${option}account child\n`]);
  }
});

Deno.test({
  name: "setuidgid -s keeps the groups that the account belongs to",
  // The C program has no options.
  ignore: isReference || !isRoot,
  async fn() {
    // Any account that the system's table of groups names.
    const table = (await Deno.readTextFile("/etc/group")).split("\n").map((line) =>
      line.split(":")
    );
    const member = table.flatMap(([, , , members = ""]) => members.split(",")).find((name) => name);
    for (const account of ["daemon", ...(member === undefined ? [] : [member])]) {
      const expected = await run("/usr/bin/id", ["-G", account]);
      const { code, stdout } = await run("setuidgid", ["-s", account, "/usr/bin/id", "-G"]);
      assertEquals(code, 0, account);
      assertEquals(stdout.trim().split(" ").sort(), expected.stdout.trim().split(" ").sort());
    }
    const { code, stderr } = await run("setuidgid", ["-s"]);
    assertEquals([code, stderr], [100, "setuidgid: usage: setuidgid [ -s ] account child\n"]);
  },
});
