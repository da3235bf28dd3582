/** envuidgid: the two variables that it sets. All of the program's state is in chain_test. */

import { assertEquals } from "@std/assert";
import { run } from "../support/tools.ts";

const PATH = "/usr/bin:/bin";

async function environmentFor(account: string, env: Record<string, string>): Promise<string[]> {
  const options = { env: { PATH, ...env }, clearEnv: true };
  const { code, stdout, stderr } = await run("envuidgid", [account, "env", "-0"], options);
  assertEquals([code, stderr], [0, ""]);
  return stdout.split("\0").slice(0, -1).sort();
}

Deno.test("envuidgid sets UID and GID to the account's ids", async () => {
  assertEquals(await environmentFor("daemon", {}), ["GID=1", `PATH=${PATH}`, "UID=1"]);
  assertEquals(await environmentFor("root", {}), ["GID=0", `PATH=${PATH}`, "UID=0"]);
});

Deno.test("envuidgid replaces UID and GID, and leaves other variables alone", async () => {
  const before = { A: "b", GID: "old", GIDDY: "x", UID: "old" };
  const after = ["A=b", "GID=1", "GIDDY=x", `PATH=${PATH}`, "UID=1"];
  assertEquals(await environmentFor("daemon", before), after);
});

Deno.test("envuidgid changes no id", async () => {
  const { code, stdout } = await run("envuidgid", ["daemon", "/usr/bin/id", "-u"]);
  assertEquals([code, stdout], [0, `${Deno.uid()}\n`]);
});

Deno.test("envuidgid passes arguments and exit code on", async () => {
  const script = ["/bin/sh", "-c", 'printf "<%s>" "$@"; exit 7', "sh", "a b", "", "-x"];
  const { code, stdout } = await run("envuidgid", ["daemon", ...script]);
  assertEquals([code, stdout], [7, "<a b><><-x>"]);
});

Deno.test("envuidgid runs nothing for an account that is unknown", async () => {
  for (const account of ["no such account", "", "1"]) {
    const { code, stdout, stderr } = await run("envuidgid", [account, "/bin/echo", "ran"]);
    const reason = `envuidgid: fatal: unknown account ${account}\n`;
    assertEquals([code, stdout, stderr], [111, "", reason]);
  }
});

Deno.test("envuidgid without a program prints its usage", async () => {
  for (const args of [[], ["daemon"]]) {
    const { code, stderr } = await run("envuidgid", args);
    assertEquals([code, stderr], [100, "envuidgid: usage: envuidgid account child\n"]);
  }
});
