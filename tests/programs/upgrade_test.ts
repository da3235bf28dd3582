/** Live upgrade: another executable takes the place of a svscan that runs. */

import { assert, assertEquals } from "@std/assert";
import { writeExecutable } from "../support/executable.ts";
import { install, installOther } from "../support/installed.ts";
import { makeOtherVersion } from "../support/machine.ts";
import {
  descriptorsOf,
  environmentOf,
  isAlive,
  processInfo,
  statusOf,
} from "../support/processes.ts";
import {
  COUNTER,
  readServiceStatus,
  SLEEPER,
  svstat,
  waitForSupervisor,
  waitForUp,
  writeService,
} from "../support/service.ts";
import { type TempDir, tempDir } from "../support/temp.ts";
import { hasPerl, run, start, type Started } from "../support/tools.ts";
import { pause, waitFor } from "../support/wait.ts";

const LINKS = ["svscan", "supervise"];

/** Waits until a process executes what is installed now. */
async function waitForSwitch(dir: TempDir, { pid }: Started): Promise<void> {
  const installed = Deno.statSync(dir.join("bin/daemontools")).ino;
  await waitFor(() => Deno.statSync(`/proc/${pid}/exe`).ino === installed, {
    what: "the other executable",
  });
}

/** How many descriptors a process has that has done all that there is to do. */
async function settledDescriptors(pid: number): Promise<number> {
  let [count, looks] = [-1, 0];
  return await waitFor(() => {
    const before = count;
    count = processInfo(pid)?.state === "S" ? descriptorsOf(pid).size : -1;
    looks = count === before ? looks + 1 : 0;
    return looks >= 10 && count >= 0 && count;
  }, { what: "the number of descriptors to stay" });
}

Deno.test("svscan becomes the executable that is installed now, and nothing else changes", {
  ignore: !hasPerl,
}, async () => {
  await using dir = await tempDir();
  await install(dir, LINKS);
  const service = await writeService(dir.join("sd/a"), { run: COUNTER, logRun: "exec cat >>out" });
  const other = await writeService(dir.join("sd/b"));
  await writeService(dir.join("away"));
  Deno.symlinkSync("../away", dir.join("sd/c"));
  const parts = [service, `${service}/log`, other, dir.join("away")];
  await using svscan = start("bin/svscan", ["sd"], { cwd: dir.path });
  const pids: number[] = [];
  for (const part of parts) pids.push(await waitForUp(part));
  const hasLines = () => Deno.statSync(`${service}/log/out`).size > 0;
  await waitFor(hasLines, { what: "the service to have read its script" });
  await run("svc", ["-d", other]);
  await waitFor(() => !isAlive(pids[2]!), { what: "a service to end" });
  Deno.removeSync(dir.join("sd/c"));
  await waitFor(async () => (await svstat(other)).startsWith("down"), { what: "the status" });
  const descriptors = await settledDescriptors(svscan.pid);
  const ofService = [...descriptorsOf(pids[0]!).keys()];

  await installOther(dir, (path) => makeOtherVersion(path, "0.2.0"));
  svscan.kill("SIGUSR2");
  await waitForSwitch(dir, svscan);
  // It answers commands, so it has begun.
  await run("svc", ["-h", dir.join("away")]);
  await waitForUp(dir.join("away"), pids[3]!);

  assertEquals((await run("svok", [service])).code, 0);
  assertEquals(await svstat(other), "down SECONDS seconds, normally up");
  const now = await Promise.all(parts.slice(0, 2).map(readServiceStatus));
  assertEquals(now.map(({ pid }) => pid), pids.slice(0, 2));
  await waitFor(() => descriptorsOf(svscan.pid).size === descriptors, {
    what: "the number of descriptors to be as before",
    explain: () => `${descriptors}: ${[...descriptorsOf(svscan.pid)].join("\n")}`,
  });

  await run("svc", ["-t", service]);
  const next = await waitForUp(service, pids[0]!);
  // The service notices nothing of it.
  assert(![...environmentOf(next).keys()].some((name) => name.includes("HANDOVER")));
  // Perl has its script open until it has read that.
  const isSame = () => `${[...descriptorsOf(next).keys()]}` === `${ofService}`;
  await waitFor(isSame, { what: `${ofService} to be open in the service, and nothing else` });
  assertEquals(statusOf(next).get("SigBlk"), "0000000000000000");
  svscan.kill("SIGTERM");
  assertEquals([(await svscan.status).code, svscan.stderr], [0, ""]);
  const lines = (await Deno.readTextFile(`${service}/log/out`)).trimEnd().split("\n").map(Number);
  const restart = lines.indexOf(1, 1);
  assertEquals(lines, lines.map((_, at) => at < restart ? at + 1 : at - restart + 1));
  assert(![...pids, next].some(isAlive));
});

Deno.test("supervise becomes the executable that is installed now", async () => {
  await using dir = await tempDir();
  await install(dir, LINKS);
  const service = await writeService(dir.join("s"));
  await using supervise = start("bin/supervise", ["s"], { cwd: dir.path });
  const pid = await waitForUp(service);
  for (const version of ["0.2.0", "0.3.0"]) {
    await installOther(dir, (path) => makeOtherVersion(path, version));
    supervise.kill("SIGUSR2");
    await waitForSwitch(dir, supervise);
  }
  await run("svc", ["-p", service]);
  await waitFor(() => statusOf(pid).get("State")?.startsWith("T"), { what: "the pause" });
  await run("svc", ["-dx", service]);
  assertEquals([(await supervise.status).code, supervise.stderr], [0, ""]);
  assert(!isAlive(pid));
});

Deno.test("svscan stays what it is where what is installed now does not work", async () => {
  const bad: [string, string][] = [
    ["#!/bin/sh\nexit 1\n", "it does not tell its version"],
    ["#!/bin/sh\necho other 1.0\n", "it does not tell its version"],
    ["#!/bin/sh\necho daemontools 0.0.1\n", "it is the older version 0.0.1, and this is "],
    ["nonsense", "it cannot be executed: exec format error"],
  ];
  await using dir = await tempDir();
  await install(dir, LINKS);
  const service = await writeService(dir.join("sd/a"));
  await using svscan = start("bin/svscan", ["sd"], { cwd: dir.path });
  const pid = await waitForUp(service);
  for (const [index, [contents, why]] of bad.entries()) {
    await installOther(dir, (path) => writeExecutable(path, contents));
    svscan.kill("SIGUSR2");
    // One line for each: while it asks one executable, it does not ask another.
    const said = () => svscan.stderr.split("\n").slice(0, -1);
    await waitFor(() => said().length > index, { what: why, explain: () => svscan.stderr });
    const line = `svscan: warning: not upgraded to ${dir.path}/bin/svscan: ${why}`;
    assertEquals(said()[index]?.slice(0, line.length), line);
  }
  assertEquals((await readServiceStatus(service)).pid, pid);
  await run("svc", ["-t", service]);
  await waitForUp(service, pid);
  svscan.kill("SIGTERM");
  assertEquals((await svscan.status).code, 0);
});

Deno.test("svscan hears SIGTERM at any moment of an upgrade", async () => {
  await using dir = await tempDir();
  const service = await writeService(dir.join("sd/a"), { run: SLEEPER });
  for (let delayMs = 0; delayMs <= 160; delayMs += 20) {
    await using svscan = start("svscan", [dir.join("sd")]);
    await waitForSupervisor(service);
    const pid = await waitForUp(service);
    svscan.kill("SIGUSR2");
    await pause(delayMs);
    svscan.kill("SIGTERM");
    assertEquals((await svscan.status).code, 0, `${delayMs} ms`);
    assert(!isAlive(pid));
  }
});

Deno.test("svscan takes no handover from where there is none", async () => {
  await using dir = await tempDir();
  const service = await writeService(dir.join("sd/a"));
  for (const value of ["", "0", "2", "77", "x"]) {
    const env = { DAEMONTOOLS_HANDOVER: value };
    await using svscan = start("svscan", [dir.join("sd")], { env });
    await waitForSupervisor(service);
    svscan.kill("SIGTERM");
    assertEquals([(await svscan.status).code, svscan.stderr], [0, ""]);
  }
});
