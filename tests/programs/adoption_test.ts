/** What runs on when its supervisor is killed, and the next supervisor, on real processes. */

import { assert, assertEquals } from "@std/assert";
import {
  decodeProcessRecord,
  encodeProcessRecord,
  type ProcessRecord,
} from "../../src/supervision/process_record.ts";
import { linuxKernel } from "../../src/system/linux/linux_kernel.ts";
import { descriptorsOf, isAlive, processInfo } from "../support/processes.ts";
import {
  COUNTER,
  readServiceStatus,
  SLEEPER,
  svstat,
  waitForDown,
  waitForSupervisor,
  waitForUp,
  writeService,
} from "../support/service.ts";
import { type TempDir, tempDir } from "../support/temp.ts";
import { hasPerl, run, start, type Started } from "../support/tools.ts";
import { waitFor } from "../support/wait.ts";

/** C functions are bound when they are first used, and stay bound. */
function adoptionTest(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, fn, ignore: !hasPerl, sanitizeResources: false });
}

/** Kills a supervisor as the kernel does when memory is out. */
async function killHard(supervisor: Started): Promise<void> {
  supervisor.kill("SIGKILL");
  await supervisor.status;
}

async function lineCount(path: string): Promise<number> {
  return (await Deno.readTextFile(path).catch(() => "")).split("\n").length - 1;
}

/** Changes the record that a supervisor has left. */
async function editRecord(service: string, change: Partial<ProcessRecord>): Promise<void> {
  const path = `${service}/supervise/process`;
  const record = decodeProcessRecord(await Deno.readFile(path), linuxKernel().bootId());
  await Deno.writeFile(path, encodeProcessRecord({ ...record!, ...change }));
}

/** Kills a svscan that runs a service, and makes the service's process record senseless. */
async function leaveGarbage(svscan: Started, service: string): Promise<number> {
  await run("svc", ["-u", service]);
  const left = await waitForUp(service);
  await killHard(svscan);
  await Deno.writeFile(`${service}/supervise/process`, crypto.getRandomValues(new Uint8Array(68)));
  return left;
}

async function startScan(dir: TempDir, ...services: string[]): Promise<Started> {
  const svscan = start("svscan", [dir.join("sd")]);
  for (const service of services) await waitForSupervisor(service);
  return svscan;
}

adoptionTest("the next svscan goes on with what a killed one has left", async () => {
  await using dir = await tempDir();
  const service = await writeService(dir.join("sd/a"), { run: COUNTER, logRun: "exec cat >>out" });
  const parts = [service, `${service}/log`];
  await using first = start("svscan", [dir.join("sd")]);
  const pids = [await waitForUp(parts[0]!), await waitForUp(parts[1]!)];
  const since = (await readServiceStatus(service)).seconds;
  await killHard(first);
  await using second = await startScan(dir, ...parts);
  assertEquals(await Promise.all(parts.map(svstat)), Array(2).fill("up (pid PID) SECONDS seconds"));
  assertEquals((await Promise.all(parts.map(readServiceStatus))).map(({ pid }) => pid), pids);
  assertEquals((await readServiceStatus(service)).seconds, since);

  // The logger's death costs nothing: the pipe is the one that was there.
  await run("svc", ["-k", parts[1]!]);
  const logger = await waitForUp(parts[1]!, pids[1]);
  const out = `${service}/log/out`;
  const count = await lineCount(out);
  await waitFor(async () => await lineCount(out) > count + 100, { what: "lines" });
  await run("svc", ["-t", service]);
  await waitForUp(service, pids[0]);
  second.kill("SIGTERM");
  assertEquals((await second.status).code, 0);
  assertEquals([isAlive(logger), second.stderr], [false, ""]);
});

adoptionTest("no line is lost while svscan is gone and one end of the pipe lives", async () => {
  await using dir = await tempDir();
  // What this logger has taken from the pipe is in the file, whenever it is killed.
  const logRun = `#!/usr/bin/perl
open(OUT, '+<', 'out') or open(OUT, '+>', 'out') or die; seek(OUT, 0, 2);
while (syscall(275, 0, 0, fileno(OUT), 0, 65536, 0) > 0) {}`;
  const service = await writeService(dir.join("sd/a"), { run: COUNTER, logRun });
  const out = `${service}/log/out`;
  await using first = await startScan(dir, service, `${service}/log`);
  const pid = await waitForUp(service);
  await waitFor(async () => await lineCount(out) > 10, { what: "lines" });
  const logger = await waitForUp(`${service}/log`);
  await run("svc", ["-p", `${service}/log`]);
  await waitFor(() => processInfo(logger)?.state === "T", { what: "the logger to be stopped" });
  const count = await lineCount(out);
  await killHard(first);
  Deno.kill(logger, "SIGKILL");
  await using second = await startScan(dir, service, `${service}/log`);
  await waitForUp(`${service}/log`, logger);
  await waitFor(async () => await lineCount(out) > count + 100, { what: "more lines" });
  await run("svc", ["-d", service]);
  await waitForDown(service);
  assert(!isAlive(pid));
  second.kill("SIGTERM");
  await second.status;
  const lines = (await Deno.readTextFile(out)).trimEnd().split("\n");
  assertEquals(lines, Array.from(lines, (_, index) => String(index + 1)));
});

adoptionTest("down, paused and once are as they were", async () => {
  await using dir = await tempDir();
  const [down, paused, once, lost] = await Promise.all(
    ["down", "paused", "once", "lost"].map((name) => writeService(dir.join(`sd/${name}`))),
  ) as [string, string, string, string];
  const services = [down, paused, once, lost];
  await using first = await startScan(dir, ...services);
  const pids = await Promise.all(services.map((service) => waitForUp(service)));
  await run("svc", ["-d", down]);
  await run("svc", ["-p", paused]);
  await run("svc", ["-o", once]);
  await waitForDown(down);
  await waitFor(() => processInfo(pids[1]!)?.state === "T", { what: "the pause" });
  await waitFor(async () => (await readServiceStatus(once)).want === "", { what: "once" });
  await killHard(first);
  Deno.kill(pids[3]!, "SIGKILL");
  await using second = await startScan(dir, ...services);
  assertEquals(await Promise.all([down, paused, once].map(svstat)), [
    "down SECONDS seconds, normally up",
    "up (pid PID) SECONDS seconds, paused",
    "up (pid PID) SECONDS seconds",
  ]);
  assertEquals((await readServiceStatus(paused)).pid, pids[1]);
  assertEquals((await readServiceStatus(once)).pid, pids[2]);
  // What died while nobody looked is started.
  await waitForUp(lost, pids[3]);
  await run("svc", ["-c", paused]);
  await waitFor(() => processInfo(pids[1]!)?.state === "S", { what: "the end of the pause" });
  await run("svc", ["-t", once]);
  await waitForDown(once);
  second.kill("SIGTERM");
  await second.status;
});

adoptionTest("a stand-alone supervise goes on likewise", async () => {
  await using dir = await tempDir();
  const service = await writeService(dir.join("a"));
  await using first = start("supervise", [service]);
  const pid = await waitForUp(service);
  await killHard(first);
  await using second = start("supervise", [service]);
  await waitForSupervisor(service);
  assertEquals((await readServiceStatus(service)).pid, pid);
  Deno.kill(pid, "SIGKILL");
  const next = await waitForUp(service, pid);
  await run("svc", ["-dx", service]);
  assertEquals((await second.status).code, 0);
  assert(!isAlive(next));
  // Nothing is left to go on with: the next one starts by the files alone.
  assertEquals([...Deno.readDirSync(`${service}/supervise`)].map(({ name }) => name).sort(), [
    "control",
    "history",
    "lock",
    "ok",
    "status",
  ]);
});

adoptionTest("a process that was started and not noted is found", async () => {
  const scripts = [SLEEPER, "exec pgrphack sleep 1000000", "sleep 1000000 & wait"];
  for (const script of scripts) {
    await using dir = await tempDir();
    const service = await writeService(dir.join("sd/a"), { run: script });
    await using first = await startScan(dir, service);
    const pid = await waitForUp(service);
    await waitFor(() => {
      const name = processInfo(pid)?.name;
      return script.startsWith("exec") ? name === "sleep" : name !== undefined;
    }, { what: "the service to be what it becomes" });
    await killHard(first);
    await editRecord(service, { phase: "starting", pid: 0 });
    await using second = await startScan(dir, service);
    assertEquals((await readServiceStatus(service)).pid, pid, script);
    second.kill("SIGTERM");
    await second.status;
    assert(!isAlive(pid));
  }
});

adoptionTest("where a record makes no sense, the status tells what was left", async () => {
  await using dir = await tempDir();
  const service = await writeService(dir.join("sd/a"), { down: true });
  await using first = await startScan(dir, service);
  const left = await leaveGarbage(first, service);
  await using second = await startScan(dir, service);
  assertEquals(await svstat(service), "up (pid PID) SECONDS seconds, normally down");
  assertEquals((await readServiceStatus(service)).pid, left);
  second.kill("SIGTERM");
  await second.status;
  assert(!isAlive(left));
});

adoptionTest("where no record makes sense, nothing is started beside what runs there", async () => {
  await using dir = await tempDir();
  const service = await writeService(dir.join("sd/a"));
  await using first = await startScan(dir, service);
  const left = await leaveGarbage(first, service);
  await Deno.writeFile(`${service}/supervise/status`, new Uint8Array(18).fill(0xff));
  await using second = await startScan(dir, service);
  assertEquals(await svstat(service), "down SECONDS seconds, normally up");
  await second.waitForOutput("then use svc -u\n");
  assertEquals(
    second.stderr,
    `supervise: warning: a: its records make no sense, and process ${left} runs there: ` +
      "not started; see to that process, then use svc -u\n",
  );
  assert(isAlive(left));
  Deno.kill(left, "SIGKILL");
  await run("svc", ["-u", service]);
  await waitForUp(service);
  second.kill("SIGTERM");
  assertEquals((await second.status).code, 0);
});

adoptionTest("where no record makes sense, nothing is known, and nobody is signalled", async () => {
  await using dir = await tempDir();
  const service = await writeService(dir.join("sd/a"), { down: true });
  await using first = await startScan(dir, service);
  const left = await leaveGarbage(first, service);
  await Deno.remove(`${service}/supervise/status`);
  await using second = await startScan(dir, service);
  assertEquals(await svstat(service), "down SECONDS seconds");
  second.kill("SIGTERM");
  await second.status;
  assert(isAlive(left));
});

adoptionTest("what was adopted holds a descriptor until it ends, and none after", async () => {
  await using dir = await tempDir();
  const service = await writeService(dir.join("sd/a"));
  await using first = await startScan(dir, service);
  const pid = await waitForUp(service);
  await killHard(first);
  await using second = await startScan(dir, service);
  const pidFds = () =>
    [...descriptorsOf(second.pid).values()].filter((target) => target.includes("pidfd")).length;
  assertEquals(pidFds(), 1);
  await run("svc", ["-t", service]);
  await waitForUp(service, pid);
  await waitFor(() => pidFds() === 0, { what: "no process to be watched" });
  second.kill("SIGTERM");
  await second.status;
});
