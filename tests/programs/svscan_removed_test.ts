/** svscan, when directories are removed that it uses; C's does not notice that. */

import { assertEquals } from "@std/assert";
import { processInfo } from "../support/processes.ts";
import { SLEEPER, svstat, waitForUp, writeService } from "../support/service.ts";
import { removeTree, type TempDir, tempDir } from "../support/temp.ts";
import { isReference, run, start } from "../support/tools.ts";
import { waitFor } from "../support/wait.ts";

function ownTest(name: string, test: (dir: TempDir) => Promise<void>): void {
  Deno.test(name, { ignore: isReference }, async () => {
    await using dir = await tempDir();
    await test(dir);
  });
}

ownTest(
  "svscan ends supervision with the process of a removed directory, and starts the new one",
  async (dir) => {
    const service = await writeService(dir.join("sd/a"));
    await using svscan = start("svscan", [dir.join("sd")]);
    const first = await waitForUp(service);
    // It has read its script then.
    await waitFor(() => processInfo(first)?.name === "sleep", { what: "the service to be sleep" });
    // What svscan would make again halfway through is another matter.
    svscan.kill("SIGSTOP");
    await waitFor(() => processInfo(svscan.pid)?.state === "T", { what: "svscan to stop" });
    await removeTree(service);
    svscan.kill("SIGCONT");
    await svscan.waitForOutput(`a was removed while its service runs (pid ${first})`);
    await writeService(service);
    await svscan.waitForOutput("svscan: warning: a was made again while");
    Deno.kill(first, "SIGKILL");
    await waitForUp(service, first);
    assertEquals(svscan.stderr.split("\n").length, 3);
    svscan.kill("SIGTERM");
    assertEquals((await svscan.status).code, 0);
  },
);

ownTest("svscan makes supervise again where it was wiped out", async (dir) => {
  const service = await writeService(dir.join("sd/a"), { run: SLEEPER, logRun: "exec cat >out" });
  await using svscan = start("svscan", [dir.join("sd")]);
  const [main, log] = [await waitForUp(service), await waitForUp(`${service}/log`)];
  // In one step: a file may be written there at any time.
  Deno.renameSync(`${service}/supervise`, dir.join("wiped"));
  Deno.renameSync(`${service}/log/supervise`, dir.join("log-wiped"));
  svscan.kill("SIGHUP");
  await svscan.waitForOutput("supervise: warning: a/log/supervise was removed: it is made again");
  assertEquals(await svstat(service), "up (pid PID) SECONDS seconds");
  assertEquals([await waitForUp(service), await waitForUp(`${service}/log`)], [main, log]);
  await run("svc", ["-t", service, `${service}/log`]);
  await waitForUp(service, main);
  await waitForUp(`${service}/log`, log);
  svscan.kill("SIGTERM");
  assertEquals((await svscan.status).code, 0);
});
