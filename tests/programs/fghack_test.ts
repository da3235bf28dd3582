/** fghack: whom it waits for. The program's own state is in chain_test. */

import { assertEquals } from "@std/assert";
import { childrenOf, isAlive } from "../support/processes.ts";
import { run, start } from "../support/tools.ts";
import { waitFor } from "../support/wait.ts";

Deno.test("fghack ends with the program's exit code", async () => {
  assertEquals((await run("fghack", ["/bin/sh", "-c", "exit 7"])).code, 7);
  assertEquals((await run("fghack", ["true"])).code, 0);
});

Deno.test("fghack says that the program crashed", async () => {
  const { code, stderr } = await run("fghack", ["/bin/sh", "-c", "kill -KILL $$"]);
  assertEquals([code, stderr], [111, "fghack: fatal: child crashed\n"]);
});

Deno.test("fghack says that the program cannot be run", async () => {
  const { code, stderr } = await run("fghack", ["/no/such"]);
  assertEquals([code, stderr], [
    111,
    "fghack: fatal: unable to run /no/such: file does not exist\n",
  ]);
});

Deno.test("fghack waits for what went into the background", async () => {
  const script = "(echo $$; exec sh -c 'echo $$; exec sleep 1000') & exit 5";
  await using fghack = start("fghack", ["/bin/sh", "-c", script]);
  await fghack.waitForOutput("\n");
  await waitFor(() => fghack.stdout.split("\n").length === 3, { what: "two process ids" });
  await waitFor(() => childrenOf(fghack.pid).every((pid) => !isAlive(pid)), {
    what: "the program to have ended",
  });
  assertEquals(fghack.ended, false);
  Deno.kill(Number(fghack.stdout.split("\n")[1]), "SIGKILL");
  assertEquals((await fghack.status).code, 5);
});

Deno.test("fghack does not wait for what closed its descriptors", async () => {
  const close = Array.from({ length: 40 }, (_, i) => `${i + 3}>&-`).join(" ");
  const script = `exec >/dev/null 2>&1; sleep 1000 ${close} & echo $! >&3`;
  const outer = `fghack bash -c '${script}' 3>/dev/null`;
  await using fghack = start("/bin/bash", ["-c", outer]);
  assertEquals((await fghack.status).code, 0);
});

Deno.test("fghack drops what is written to its descriptors", async () => {
  const script = "dd if=/dev/zero bs=65536 count=40 2>/dev/null >&3; exit 3";
  assertEquals((await run("fghack", ["/bin/sh", "-c", script])).code, 3);
});
