/**
 * The programs where the kernel grants their user no further thread. As root only: root itself has
 * no such limit, and another user's processes would be counted.
 */

import { assertEquals } from "@std/assert";
import { statusOf } from "../support/processes.ts";
import { svstat, writeService } from "../support/service.ts";
import { tempDir } from "../support/temp.ts";
import { isReference, run, start, tool } from "../support/tools.ts";
import { waitFor } from "../support/wait.ts";

const SETPRIV = "/usr/bin/setpriv";

/** The start of a command line that is run by a user of its own, with as many threads as given. */
function limited(userId: number, threads: number): string[] {
  const user = [`--reuid=${userId}`, `--regid=${userId}`, "--clear-groups"];
  return [...user, "/usr/bin/prlimit", `--nproc=${threads}`];
}

/** Whether such a user can be had here, and reach the programs. */
const isPossible = !isReference && Deno.uid() === 0 &&
  await run(SETPRIV, [...limited(54000, 1), tool("svok"), "/"]).then(
    ({ code }) => code === 100,
    () => false,
  );

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: !isPossible, fn });
}

const LINES = Array.from({ length: 300_000 }, (_, number) => `line number ${number}\n`).join("");

test("multilog writes everything where it can have no thread at all", async () => {
  await using dir = await tempDir();
  await Deno.chmod(dir.path, 0o777);
  const args = [...limited(54001, 1), tool("multilog"), "s16777215", "./log"];
  const { code, stderr } = await run(SETPRIV, args, { cwd: dir.path, stdin: LINES });
  assertEquals([code, stderr], [0, ""]);
  assertEquals(await Deno.readTextFile(dir.join("log/current")), LINES);
});

test("multilog writes everything when its only thread waits and no other can be had", async () => {
  await using dir = await tempDir();
  await Deno.chmod(dir.path, 0o777);
  const args = [...limited(54002, 20), tool("multilog"), "s16777215", "./log"];
  await using multilog = start(SETPRIV, args, { cwd: dir.path });
  await multilog.write("first\n");
  await waitFor(() => statusOf(multilog.pid).get("Threads") === "2", {
    what: "threads without work to end",
  });
  await run("/usr/bin/prlimit", ["--pid", `${multilog.pid}`, "--nproc=1"]);
  await multilog.write(LINES);
  await multilog.closeStdin();
  await waitFor(() => multilog.ended, { what: "multilog to end" });
  assertEquals((await multilog.status).code, 0);
  assertEquals(await Deno.readTextFile(dir.join("log/current")), `first\n${LINES}`);
});

for (const threads of [1, 2]) {
  test(`svscan goes on with ${threads} processes and threads: it obeys svc and SIGTERM`, async () => {
    await using dir = await tempDir();
    const service = await writeService(dir.join("scan/a"));
    for (const path of [dir.path, dir.join("scan"), service]) await Deno.chmod(path, 0o777);
    const args = [...limited(54002 + threads, threads), tool("svscan"), dir.join("scan")];
    await using svscan = start(SETPRIV, args, { cwd: dir.path });
    await svscan.waitForOutput("unable to fork");
    assertEquals((await run("svc", ["-d", service])).code, 0);
    await waitFor(async () => !(await svstat(service)).includes("want up"), {
      what: "the service not to be wanted up",
    });
    svscan.kill("SIGTERM");
    assertEquals((await svscan.status).code, 0);
  });
}

test("the tools that run another program need no thread", async () => {
  const chain = [tool("envdir"), "/nonexistent", "true"];
  const { code, stderr } = await run(SETPRIV, [...limited(54005, 1), ...chain]);
  assertEquals(code, 111);
  assertEquals(
    stderr,
    "envdir: fatal: unable to switch to directory /nonexistent: file does not exist\n",
  );
});
