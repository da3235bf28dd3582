/** How svscan and supervise end what does not end by itself; C's die of the signal instead. */

import { assert, assertEquals } from "@std/assert";
import { existsSync } from "@std/fs/exists";
import { isAlive, processInfo } from "../support/processes.ts";
import { readServiceStatus, waitForUp, writeService } from "../support/service.ts";
import { type TempDir, tempDir } from "../support/temp.ts";
import { isReference, run, start, tool } from "../support/tools.ts";
import { waitFor } from "../support/wait.ts";

/** A service that takes no notice of SIGTERM, once it says so. */
const STUBBORN = "trap '' TERM\n: >ready\nwhile :; do sleep 1000000; done";

function ownTest(name: string, test: (dir: TempDir) => Promise<void>): void {
  Deno.test(name, { ignore: isReference }, async () => {
    await using dir = await tempDir();
    await test(dir);
  });
}

/** Waits until a stubborn service is one; returns its process id. */
async function waitForStubborn(service: string): Promise<number> {
  const pid = await waitForUp(service);
  await waitFor(() => Deno.statSync(`${service}/ready`).isFile, { what: "the trap" });
  return pid;
}

ownTest("svscan kills what does not end when it is told to end once more", async (dir) => {
  const service = await writeService(dir.join("sd/a"), { run: STUBBORN, logRun: "exec cat >out" });
  await using svscan = start("svscan", [dir.join("sd")]);
  const pid = await waitForStubborn(service);
  const log = await waitForUp(`${service}/log`);
  svscan.kill("SIGTERM");
  await waitFor(async () => (await readServiceStatus(service)).want === "d", { what: "the first" });
  assert(!svscan.ended && isAlive(pid));
  svscan.kill("SIGTERM");
  assertEquals((await svscan.status).code, 0);
  assertEquals([pid, log].filter(isAlive), []);
  assertEquals(
    svscan.stderr,
    "svscan: warning: told to end once more: what still runs is killed\n",
  );
});

ownTest("svscan that is told to end at once ends all that a killed one has left", async (dir) => {
  const names = Array.from({ length: 20 }, (_, index) => `s${index}`);
  const service = {
    run: "trap 'echo down; exit' TERM\necho up\nwhile :; do sleep 0.1; done",
    logRun: "exec multilog ./main",
  };
  for (const name of names) await writeService(dir.join(`sd/${name}`), service);
  await using first = start("svscan", [dir.join("sd")]);
  const logged = (name: string) => Deno.readTextFile(dir.join(`sd/${name}/log/main/current`));
  const pids: number[] = [];
  for (const name of names) {
    pids.push(await waitForUp(dir.join(`sd/${name}`)));
    await waitFor(async () => await logged(name) === "up\n", { what: "its first line" });
  }
  first.kill("SIGKILL");
  await first.status;
  await writeService(dir.join("sd/s0a"), { run: ": >started" });
  // The signal is there, blocked, before it begins.
  const told = ["--block-signal=TERM", "/bin/sh", "-c", 'kill -TERM $$; exec "$@"', "sh"];
  await using second = start("/usr/bin/env", [...told, tool("svscan"), dir.join("sd")]);
  assertEquals([(await second.status).code, second.stderr], [0, ""]);
  assertEquals(pids.filter(isAlive), []);
  const ends = await Promise.all(names.map(logged));
  assertEquals(ends.filter((text) => text !== "up\ndown\n"), []);
  assertEquals(existsSync(dir.join("sd/s0a/started")), false, "nothing new is started");
});

ownTest("svscan kills what has not ended in the time of its option", async (dir) => {
  const service = await writeService(dir.join("sd/a"), { run: STUBBORN });
  await using svscan = start("svscan", ["--timeout-kill=200", dir.join("sd")]);
  const pid = await waitForStubborn(service);
  svscan.kill("SIGTERM");
  assertEquals((await svscan.status).code, 0);
  assertEquals(
    svscan.stderr,
    `supervise: warning: a/run (pid ${pid}) has not ended in 200 ms: it is killed\n`,
  );
});

ownTest("svscan refuses an option that makes no sense", async (dir) => {
  const { code, stderr } = await run("svscan", ["--timeout-kill=soon", dir.path]);
  assertEquals([code, stderr], [
    100,
    "svscan: usage: svscan [ --timeout-kill=milliseconds ] [ directory ]\n",
  ]);
});

ownTest("supervise kills its service when it is told to end once more", async (dir) => {
  const service = await writeService(dir.join("s"), { run: STUBBORN });
  await using supervise = start("supervise", [service]);
  const pid = await waitForStubborn(service);
  supervise.kill("SIGTERM");
  supervise.kill("SIGINT");
  assertEquals((await supervise.status).code, 0);
  assert(!isAlive(pid));
});

ownTest("supervise sends the signal of down-signal, and KILL after timeout-kill", async (dir) => {
  const service = await writeService(dir.join("s"), {
    run: "trap ': >interrupted' INT\n: >ready\nwhile :; do sleep 0.1; done",
    files: { "down-signal": "INT\n", "timeout-kill": "3000\n" },
  });
  await using supervise = start("supervise", [service]);
  const pid = await waitForStubborn(service);
  await run("svc", ["-d", service]);
  await waitFor(() => processInfo(pid) === undefined, { what: "the service to end" });
  assert(Deno.statSync(`${service}/interrupted`).isFile);
  await run("svc", ["-x", service]);
  assertEquals((await supervise.status).code, 0);
});
