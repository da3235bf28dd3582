/**
 * svscan, on real processes.
 *
 * Not tested here: a pipe that cannot be made, a directory that cannot be read (tests/engine).
 */

import { assert, assertEquals } from "@std/assert";
import { ensureDirSync } from "@std/fs/ensure-dir";
import {
  descendantsOf,
  descriptorsOf,
  isAlive,
  processInfo,
  statusOf,
} from "../support/processes.ts";
import {
  readServiceStatus,
  SLEEPER,
  svstat,
  waitForDown,
  waitForSupervisor,
  waitForUp,
  writeService,
} from "../support/service.ts";
import { type TempDir, tempDir } from "../support/temp.ts";
import { isReference, run, start, type Started, startWithClean } from "../support/tools.ts";
import { pause, waitFor } from "../support/wait.ts";

/** A service that writes numbered lines, and a logger that copies them to `log/out`. */
const CHATTER = {
  run: `trap 'echo bye; exit' TERM
i=0; while :; do i=$((i+1)); echo line $i; sleep 0.01; done`,
  logRun: "exec cat >>out",
};

/** Ends a scan and all it runs: ours by itself, the C one service by service. */
async function endScan(svscan: Started, ...services: string[]): Promise<void> {
  svscan.kill("SIGTERM");
  await svscan.status;
  if (isReference) await run("svc", ["-dx", ...services]);
}

async function linesOf(path: string): Promise<string[]> {
  return (await Deno.readTextFile(path).catch(() => "")).split("\n").slice(0, -1);
}

/** Asserts that the numbered lines are all there, in order. */
function assertComplete(lines: string[]): void {
  const numbers = lines.filter((line) => line.startsWith("line ")).map((line) =>
    Number(line.slice(5))
  );
  // A restarted service counts from 1 again.
  numbers.forEach((number, index) => {
    const before = numbers[index - 1] ?? 0;
    assert(number === before + 1 || number === 1, `${number} after ${before}`);
  });
}

Deno.test("svscan supervises every directory but the hidden ones", async () => {
  await using dir = await tempDir();
  await writeService(dir.join("sd/a"));
  await writeService(dir.join("sd/with blank"));
  await writeService(dir.join("sd/.hidden"));
  await writeService(dir.join("outside"));
  Deno.symlinkSync("../outside", dir.join("sd/link"));
  Deno.symlinkSync("../outside", dir.join("sd/link2"));
  Deno.symlinkSync("/no/such/place", dir.join("sd/dangling"));
  Deno.writeTextFileSync(dir.join("sd/file"), "");
  await using svscan = start("svscan", [dir.join("sd"), "extra"]);
  for (const name of ["sd/a", "sd/with blank", "outside"]) await waitForUp(dir.join(name));
  await svscan.waitForOutput("svscan: warning: unable to stat dangling: file does not exist\n");
  assertEquals((await run("svok", [dir.join("sd/.hidden")])).code, 100);
  await endScan(svscan, dir.join("sd/a"), dir.join("sd/with blank"), dir.join("outside"));
});

Deno.test("svscan scans the current directory without an argument", async () => {
  await using dir = await tempDir();
  await writeService(dir.join("a"));
  await using svscan = start("svscan", [], { cwd: dir.path });
  await waitForUp(dir.join("a"));
  await endScan(svscan, dir.join("a"));
});

Deno.test("svscan changes into its directory, as other programs expect of it", async () => {
  await using dir = await tempDir();
  await writeService(dir.join("sd/a"));
  await using svscan = start("svscan", ["sd"], { cwd: dir.path });
  await waitForUp(dir.join("sd/a"));
  assertEquals(Deno.readLinkSync(`/proc/${svscan.pid}/cwd`), dir.join("sd"));
  await endScan(svscan, dir.join("sd/a"));
});

Deno.test("svscan starts a service soon after it is linked", async () => {
  await using dir = await tempDir();
  Deno.mkdirSync(dir.join("sd"));
  await writeService(dir.join("a"));
  await using svscan = start("svscan", [dir.join("sd")]);
  await pause(300);
  Deno.symlinkSync("../a", dir.join("sd/a"));
  await waitForUp(dir.join("a"));
  await endScan(svscan, dir.join("a"));
});

Deno.test("svscan keeps the pipe: neither side's restart loses a line", async () => {
  await using dir = await tempDir();
  const service = await writeService(dir.join("sd/a"), CHATTER);
  const out = `${service}/log/out`;
  await using svscan = start("svscan", [dir.join("sd")]);
  await waitFor(async () => (await linesOf(out)).length >= 20, { what: "lines" });
  const logger = (await readServiceStatus(`${service}/log`)).pid;
  // What cat has read but not written would be lost: it must wait for input when it ends.
  const writer = (await readServiceStatus(service)).pid;
  await run("svc", ["-p", service]);
  await waitFor(() => processInfo(writer)?.state === "T", { what: "the service to pause" });
  await waitFor(() => processInfo(logger)?.state === "S", { what: "the logger to wait" });
  await run("svc", ["-d", `${service}/log`]);
  await waitFor(() => !isAlive(logger), { what: "the logger to end" });
  await run("svc", ["-c", service]);
  await waitFor(() => processInfo(writer)?.state === "S", { what: "the service to go on" });
  await run("svc", ["-u", `${service}/log`]);
  await waitForUp(`${service}/log`, logger);
  const before = (await readServiceStatus(service)).pid;
  await run("svc", ["-t", service]);
  await waitForUp(service, before);
  const length = (await linesOf(out)).length;
  await waitFor(async () => (await linesOf(out)).length >= length + 50, { what: "more lines" });
  await endScan(svscan, service, `${service}/log`);
  assertComplete(await linesOf(out));
});

Deno.test("svscan brings back a service that was told to leave", async () => {
  await using dir = await tempDir();
  const service = await writeService(dir.join("sd/a"));
  await using svscan = start("svscan", [dir.join("sd")]);
  const first = await waitForUp(service);
  await run("svc", ["-dx", service]);
  await waitFor(() => !isAlive(first), { what: "the service to end" });
  assert(await waitForUp(service, first) !== first);
  await endScan(svscan, service);
});

Deno.test("svscan keeps what runs of a directory that is gone, and starts it no more", async () => {
  await using dir = await tempDir();
  const service = await writeService(dir.join("sd/a"));
  await using svscan = start("svscan", [dir.join("sd")]);
  const pid = await waitForUp(service);
  Deno.renameSync(service, dir.join("away"));
  await pause(300);
  assertEquals(await svstat(dir.join("away")), "up (pid PID) SECONDS seconds");
  await run("svc", ["-dx", dir.join("away")]);
  await waitFor(() => !isAlive(pid), { what: "the service to end" });
  await waitFor(async () => (await run("svok", [dir.join("away")])).code === 100, {
    what: "supervision to end",
  });
  await endScan(svscan);
});

Deno.test("svscan gives services none of its descriptors", async () => {
  await using dir = await tempDir();
  const service = await writeService(dir.join("sd/a"), { run: SLEEPER, logRun: SLEEPER });
  await writeService(dir.join("sd/b"), { run: SLEEPER, logRun: SLEEPER });
  await using svscan = startWithClean('ulimit -Sn 100; exec svscan "$1"', dir.join("sd"));
  const pids = [];
  for (const name of ["a", "a/log", "b", "b/log"]) {
    pids.push(await waitForUp(dir.join(`sd/${name}`)));
  }
  for (const pid of pids) {
    // It reads its script and libraries first.
    await waitFor(
      () => processInfo(pid)?.name === "sleep" && [...descriptorsOf(pid).keys()].join() === "0,1,2",
      {
        what: "the service to be sleep, with 0, 1 and 2 open",
        explain: () => [...descriptorsOf(pid)].join("\n"),
      },
    );
    const limits = await Deno.readTextFile(`/proc/${pid}/limits`);
    assert(/Max open files\s+100\s/.test(limits), limits);
  }
  assertEquals(descriptorsOf(pids[0]!).get(1), descriptorsOf(pids[1]!).get(0));
  await endScan(svscan, service, `${service}/log`, dir.join("sd/b"), dir.join("sd/b/log"));
});

Deno.test("svscan starts services and loggers beyond the limit of descriptors that they get", async () => {
  await using dir = await tempDir();
  const names = Array.from({ length: 20 }, (_, index) => `s${index}`);
  for (const name of names) {
    await writeService(dir.join(`sd/${name}`), { run: SLEEPER, logRun: SLEEPER });
  }
  await using svscan = startWithClean('ulimit -Sn 40; exec svscan "$1"', dir.join("sd"));
  const services = names.flatMap((name) => [`sd/${name}`, `sd/${name}/log`]).map(dir.join);
  for (const service of services) await waitForUp(service);
  await endScan(svscan, ...services);
});

/** Whether we have CAP_SYS_ADMIN or CAP_SYS_RESOURCE. @see linux/capability.h */
function mayHaveMore(): boolean {
  return (BigInt(`0x${statusOf(Deno.pid).get("CapEff")}`) & (1n << 21n | 1n << 24n)) !== 0n;
}

Deno.test("svscan runs thirty services with loggers under a hard limit of 64 descriptors", {
  // C runs 29. Ours passes the limit or puts descriptors away, as root may as a rule.
  ignore: isReference || !mayHaveMore(),
}, async () => {
  await using dir = await tempDir();
  const names = Array.from({ length: 30 }, (_, index) => `s${index}`);
  for (const name of names) {
    await writeService(dir.join(`sd/${name}`), { run: SLEEPER, logRun: SLEEPER });
  }
  await using svscan = startWithClean('ulimit -n 64; exec svscan "$1"', dir.join("sd"));
  for (const name of names) {
    const pid = await waitForUp(dir.join(`sd/${name}/log`));
    const limits = await Deno.readTextFile(`/proc/${pid}/limits`);
    assert(/Max open files\s+64\s+64\s/.test(limits), limits);
  }
  await endScan(svscan);
});

Deno.test("svscan runs thirty services with logs under a hard limit of 48 descriptors", {
  // C runs 21. There is no room for as many log hosts: some loggers have processes of their own.
  ignore: isReference || !mayHaveMore(),
}, async () => {
  await using dir = await tempDir();
  const names = Array.from({ length: 30 }, (_, index) => `s${index}`);
  for (const name of names) {
    const run = `echo ${name}; ${SLEEPER}`;
    await writeService(dir.join(`sd/${name}`), { run, logRun: "exec multilog ./main" });
  }
  await using svscan = startWithClean('ulimit -n 48; exec svscan "$1"', dir.join("sd"));
  for (const name of names) {
    const log = dir.join(`sd/${name}/log/main/current`);
    await waitFor(() => Deno.readTextFileSync(log) === `${name}\n`, { what: `the log of ${name}` });
  }
  await endScan(svscan);
});

Deno.test("svscan is not harmed by one bad service", async () => {
  await using dir = await tempDir();
  await writeService(dir.join("sd/good"));
  Deno.mkdirSync(dir.join("sd/norun"));
  await writeService(dir.join("sd/locked"));
  ensureDirSync(dir.join("sd/broken/supervise/lock"));
  await using holder = start("supervise", [dir.join("sd/locked")]);
  const held = await waitForUp(dir.join("sd/locked"));
  await using svscan = start("svscan", [dir.join("sd")]);
  await svscan.waitForOutput("supervise: fatal: unable to start norun/run: file does not exist\n");
  await svscan.waitForOutput(
    "supervise: fatal: unable to acquire locked/supervise/lock: temporary failure\n",
  );
  await svscan.waitForOutput(
    "supervise: fatal: unable to acquire broken/supervise/lock: is a directory\n",
  );
  await waitForUp(dir.join("sd/good"));
  assertEquals((await readServiceStatus(dir.join("sd/locked"))).pid, held);
  await run("svc", ["-dx", dir.join("sd/locked")]);
  await holder.status;
  await endScan(svscan, dir.join("sd/good"), dir.join("sd/norun"), dir.join("sd/locked"));
});

Deno.test("svscan refuses a directory that it cannot enter", async () => {
  await using dir = await tempDir();
  Deno.writeTextFileSync(dir.join("plain"), "");
  for (
    const [name, reason] of [
      ["nosuch", "file does not exist"],
      ["", "file does not exist"],
      ["-h", "file does not exist"],
      ["plain", "not a directory"],
    ]
  ) {
    const { code, stderr } = await run("svscan", [name!], { cwd: dir.path });
    assertEquals([code, stderr], [111, `svscan: fatal: unable to chdir to ${name}: ${reason}\n`]);
  }
});

/** What follows is ours alone: the C svscan leaves its services behind. */
function ownTest(name: string, test: (dir: TempDir) => Promise<void>): void {
  Deno.test(name, { ignore: isReference }, async () => {
    await using dir = await tempDir();
    await test(dir);
  });
}

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  ownTest(`svscan ends everything in order on ${signal}, and no line is lost`, async (dir) => {
    const service = await writeService(dir.join("sd/a"), CHATTER);
    const plain = await writeService(dir.join("sd/b"));
    await writeService(dir.join("sd/down"), { down: true });
    await using svscan = start("svscan", [dir.join("sd")]);
    const other = await waitForUp(plain);
    const [main, log] = [await waitForUp(service), await waitForUp(`${service}/log`)];
    await waitFor(async () => (await linesOf(`${service}/log/out`)).length >= 5, { what: "lines" });
    await run("svc", ["-p", plain]);
    svscan.kill(signal);
    assertEquals((await svscan.status).code, 0);
    assertEquals([main, log, other].filter(isAlive), []);
    const lines = await linesOf(`${service}/log/out`);
    assertEquals(lines.at(-1), "bye");
    assertComplete(lines);
  });
}

ownTest("svscan waits for a logger that is behind", async (dir) => {
  const service = await writeService(dir.join("sd/a"), {
    run: "for i in 1 2 3; do echo $i; done\nexec sleep 1000000",
    // It begins to read only when its service is gone.
    logRun: "while [ ! -e go ]; do sleep 0.05; done\ncat >out",
  });
  await using svscan = start("svscan", [dir.join("sd")]);
  const pid = await waitForUp(service);
  await waitFor(() => processInfo(pid)?.name === "sleep", { what: "three lines" });
  svscan.kill("SIGTERM");
  await waitForDown(service);
  await pause(1500);
  assert(!svscan.ended);
  Deno.writeTextFileSync(`${service}/log/go`, "");
  assertEquals((await svscan.status).code, 0);
  assertEquals(await linesOf(`${service}/log/out`), ["1", "2", "3"]);
});

ownTest("svscan ends a logger whose pipe a stray process keeps open", async (dir) => {
  const service = await writeService(dir.join("sd/a"), {
    run: "sleep 1000000 & echo $! >stray\nexec sleep 1000000",
    logRun: "exec cat >>out",
  });
  await using svscan = start("svscan", [dir.join("sd")]);
  await waitForUp(service);
  const stray = await waitFor(
    async () => Number(await Deno.readTextFile(`${service}/stray`)) || false,
    {
      what: "the stray process",
    },
  );
  svscan.kill("SIGTERM");
  assertEquals((await svscan.status).code, 0);
  Deno.kill(stray, "SIGKILL");
});

ownTest("svscan notices a logger that is made late", async (dir) => {
  const service = await writeService(dir.join("sd/a"), { run: "echo hello; exec sleep 1000000" });
  await using svscan = start("svscan", [dir.join("sd")]);
  const first = await waitForUp(service);
  await writeService(dir.join("new-log"), { run: "exec cat >>out" });
  Deno.renameSync(dir.join("new-log"), `${service}/log`);
  await waitForSupervisor(`${service}/log`);
  await svscan.waitForOutput("svscan: warning: found a logger for a while it was running");
  await run("svc", ["-t", service]);
  await waitForUp(service, first);
  await waitFor(async () => (await linesOf(`${service}/log/out`)).length === 1, { what: "a line" });
  svscan.kill("SIGTERM");
  assertEquals((await svscan.status).code, 0);
});

ownTest("svscan scans at once on SIGHUP", async (dir) => {
  await writeService(dir.join("sd/a"));
  await using svscan = start("svscan", [dir.join("sd")]);
  const first = await waitForUp(dir.join("sd/a"));
  await run("svc", ["-dx", dir.join("sd/a")]);
  await waitFor(async () => (await run("svok", [dir.join("sd/a")])).code === 100, {
    what: "the end",
  });
  svscan.kill("SIGHUP");
  await waitForUp(dir.join("sd/a"), first);
  svscan.kill("SIGTERM");
  await svscan.status;
});

ownTest("svscan goes on when nobody reads its messages", async (dir) => {
  ensureDirSync(dir.join("sd/norun"));
  await writeService(dir.join("sd/a"));
  await using svscan = start("/bin/sh", [
    "-c",
    'exec svscan "$1" 2>&1 | sleep 1000000',
    "sh",
    dir.join("sd"),
  ]);
  const pid = await waitForUp(dir.join("sd/a"));
  Deno.kill(pid, "SIGKILL");
  await waitForUp(dir.join("sd/a"), pid);
  assert(!svscan.ended);
});

ownTest("svscan reaps processes that are left to it", async (dir) => {
  // As process 1 of a container; --kill-child ends all of it with the outer process.
  await writeService(dir.join("sd/a"), { run: "(sleep 0.1 &)\nexec sleep 1000000" });
  await using outer = start("/usr/bin/unshare", [
    "--fork",
    "--pid",
    "--kill-child",
    "--mount-proc",
    `${Deno.cwd()}/build/command/svscan`,
    dir.join("sd"),
  ]);
  await waitFor(async () => (await run("svok", [dir.join("sd/a")])).code === 0 || outer.ended, {
    what: "svscan",
  });
  if (outer.stderr.includes("unshare")) return; // not allowed to make namespaces here
  const zombies = () => descendantsOf(outer.pid).filter((pid) => processInfo(pid)?.state === "Z");
  await pause(500);
  await waitFor(() => zombies().length === 0, { what: "no process to stay unreaped" });
});
