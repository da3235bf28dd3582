/** The programs that stay, started by a caller that has blocked the signals they live on. */

import { assertEquals } from "@std/assert";
import { statusOf } from "../support/processes.ts";
import { waitForUp, writeService } from "../support/service.ts";
import { namesIn, tempDir } from "../support/temp.ts";
import { run, start } from "../support/tools.ts";
import { waitFor } from "../support/wait.ts";

const ENV = "/usr/bin/env";
const [CHLD_BIT, ALRM_BIT, USR1_BIT] = [1 << 16, 1 << 13, 1 << 9];
const [HUP_BIT, INT_BIT] = [1 << 0, 1 << 1];

/** GNU coreutils 8.31 or newer can block signals. */
const canBlock = await run(ENV, ["--block-signal=CHLD", "true"]).then(
  ({ code }) => code === 0,
  () => false,
);

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: !canBlock, fn });
}

function blockedIn(pid: number): number {
  return Number(`0x${statusOf(pid).get("SigBlk")}`);
}

test("supervise restarts and leaves with SIGCHLD blocked; its child gets the rest of the mask", async () => {
  await using dir = await tempDir();
  // No shell: some clear the mask.
  const service = await writeService(dir.join("s"), { run: "#!/usr/bin/tail -f\n" });
  const args = ["--block-signal=CHLD,ALRM,USR1", "supervise", "s"];
  await using supervise = start(ENV, args, { cwd: dir.path });
  const pid = await waitForUp(service);
  assertEquals(blockedIn(pid) & (CHLD_BIT | ALRM_BIT | USR1_BIT), ALRM_BIT | USR1_BIT);
  assertEquals((await run("svc", ["-t", service])).code, 0);
  await waitFor(async () => await waitForUp(service) !== pid, { what: "a restart" });
  assertEquals((await run("svc", ["-dx", service])).code, 0);
  assertEquals((await supervise.status).code, 0);
});

test("supervise leaves signals ignored in its child that its caller ignores", async () => {
  await using dir = await tempDir();
  const service = await writeService(dir.join("s"), { run: "#!/usr/bin/tail -f\n" });
  await using _ = start(ENV, ["--ignore-signal=INT,HUP", "supervise", "s"], { cwd: dir.path });
  const pid = await waitForUp(service);
  const ignored = Number(`0x${statusOf(pid).get("SigIgn")}`);
  assertEquals(ignored & (HUP_BIT | INT_BIT), HUP_BIT | INT_BIT);
});

test("multilog runs its processor, and hears SIGTERM, with both signals blocked", async () => {
  await using dir = await tempDir();
  const args = ["--block-signal=CHLD,TERM,ALRM", "multilog", "s4096", "!exec cat", "./log"];
  await using multilog = start(ENV, args, { cwd: dir.path });
  for (let number = 0; number < 1000; number++) await multilog.write(`line ${number}\n`);
  await waitFor(() => namesIn(dir.join("log")).some((name) => name.startsWith("@")), {
    what: "a processed log",
  });
  multilog.kill("SIGTERM");
  assertEquals((await multilog.status).code, 0);
});
