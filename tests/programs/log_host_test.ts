/** log-host: the logs of svscan's services in one process an account, on real processes. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { existsSync } from "@std/fs/exists";
import { makeOtherVersion } from "../support/machine.ts";
import { commandLineOf, isAlive, statusOf } from "../support/processes.ts";
import { readServiceStatus, svstat, waitForUp, writeService } from "../support/service.ts";
import { namesIn, type TempDir, tempDir } from "../support/temp.ts";
import { isReference, ROOT, run, start } from "../support/tools.ts";
import { pause, waitFor } from "../support/wait.ts";

const PLAIN = "exec multilog t ./main";
/** How long thousands of lines may take on a busy machine, in milliseconds. */
const PATIENCE_MS = 60_000;

/** A service that writes numbered lines with its name and then stays. */
function writer(name: string, count: number, pauseMs = 0): string {
  // Starting sleep takes a moment, too.
  const wait = pauseMs === 0 ? "" : `[ $((i % 10)) -ne 0 ] || sleep ${pauseMs / 100};`;
  return `i=0; while [ $i -lt ${count} ]; do i=$((i + 1)); echo "${name} $i"; ${wait} done
exec sleep 1000000`;
}

/** All lines of a log, old files first, without labels. */
function linesOf(log: string): string[] {
  if (!existsSync(`${log}/current`)) return [];
  const names = [...namesIn(log).filter((name) => name.startsWith("@")), "current"];
  const text = names.map((name) => Deno.readTextFileSync(`${log}/${name}`)).join("");
  return text.split("\n").slice(0, -1).map((line) => line.replace(/^@[0-9a-f]{24} /, ""));
}

/** Waits until a log has the lines of a writer, each once and in order. */
async function waitForLines(log: string, name: string, count: number): Promise<void> {
  await waitFor(() => linesOf(log).length >= count, {
    what: `${count} lines of ${name}`,
    timeoutMs: PATIENCE_MS,
    explain: () => `${linesOf(log).length} lines`,
  });
  assertEquals(linesOf(log), Array.from({ length: count }, (_, index) => `${name} ${index + 1}`));
}

/** The process that a logger is shown with. */
async function pidOf(logger: string): Promise<number> {
  return (await readServiceStatus(logger)).pid;
}

function isHost(pid: number): boolean {
  return commandLineOf(pid)[1] === "log-host";
}

/** A directory of services, each with a logger. */
async function writeServices(
  dir: TempDir,
  services: Record<string, { run?: string; logRun?: string; files?: Record<string, string> }>,
): Promise<string> {
  for (const [name, { logRun = PLAIN, ...files }] of Object.entries(services)) {
    await writeService(dir.join(`sd/${name}`), { logRun, ...files });
  }
  return dir.join("sd");
}

function hostTest(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, fn, ignore: isReference });
}

hostTest("log-host runs the logs of all plain scripts, and shows how many they are", async () => {
  await using dir = await tempDir();
  const sd = await writeServices(dir, {
    a: { run: writer("a", 10) },
    b: { run: writer("b", 10), logRun: "# the log\nexec 2>&1\nexec multilog \\\n  ./main" },
  });
  await using svscan = start("svscan", [sd]);
  for (const name of ["a", "b"]) await waitForLines(`${sd}/${name}/log/main`, name, 10);
  const [one, other] = [await pidOf(`${sd}/a/log`), await pidOf(`${sd}/b/log`)];
  assertEquals(one, other);
  assert(isHost(one));
  await waitFor(() => commandLineOf(one).at(-1)?.trim() === "2 logs", {
    what: "the title",
    explain: () => commandLineOf(one).join(" "),
  });
  assertEquals(await svstat(`${sd}/a/log`), "up (pid PID) SECONDS seconds");
  svscan.kill("SIGTERM");
  assertEquals((await svscan.status).code, 0);
  assertEquals(isAlive(one), false);
  assertEquals((await Deno.stat(`${sd}/a/log/main/current`)).mode! & 0o777, 0o744);
});

hostTest("log-host keeps the logs of services apart, however fast they write", async () => {
  await using dir = await tempDir();
  const names = Array.from({ length: 8 }, (_, index) => `service${index}`);
  const services = names.map((name) => [name, { run: writer(name, 20000) }]);
  const sd = await writeServices(dir, Object.fromEntries(services));
  await using svscan = start("svscan", [sd]);
  for (const name of names) await waitForLines(`${sd}/${name}/log/main`, name, 20000);
  svscan.kill("SIGTERM");
  await svscan.status;
});

hostTest(
  "log-host is no part of a logger that is not plain, or wants its own process",
  async () => {
    await using dir = await tempDir();
    const sd = await writeServices(dir, {
      a: { logRun: "umask 077\nexec multilog ./main" },
      b: { files: { "log/own-process": "" } },
      c: { logRun: "exec cat" },
    });
    await using svscan = start("svscan", [sd]);
    for (const name of ["a", "b", "c"]) assert(!isHost(await waitForUp(`${sd}/${name}/log`)));
    svscan.kill("SIGTERM");
    await svscan.status;
  },
);

hostTest("supervise hosts nothing by itself", async () => {
  await using dir = await tempDir();
  const service = await writeService(dir.join("log"), { run: PLAIN });
  await using supervise = start("supervise", [service]);
  assert(!isHost(await waitForUp(service)));
  await run("svc", ["-dx", service]);
  await supervise.status;
});

hostTest("A log in trouble holds up no other one of its host", async () => {
  await using dir = await tempDir();
  const sd = await writeServices(dir, {
    endless: { run: "head -c 3000000 /dev/zero | tr '\\0' a\nexec sleep 1000000" },
    hanging: {
      run: writer("hanging", 2000),
      logRun: "exec multilog s4096 '!until [ -e ../end ]; do sleep 0.1; done; cat' ./main",
    },
    healthy: { run: `until [ -e go ]; do sleep 0.1; done\n${writer("healthy", 2000, 1)}` },
    removed: { run: writer("removed", 3000, 1) },
  });
  const loggers = namesIn(sd).map((name) => `${sd}/${name}/log`);
  await using svscan = start("svscan", [sd]);
  const pids = await Promise.all(loggers.map((logger) => waitForUp(logger)));
  assertEquals(new Set(pids).size, 1);
  await waitFor(() => existsSync(`${sd}/hanging/log/main/previous`), { what: "a processor" });
  Deno.writeTextFileSync(`${sd}/healthy/go`, "");
  await waitFor(() => linesOf(`${sd}/removed/log/main`).length > 100, { what: "lines" });
  await Deno.remove(`${sd}/removed/log/main`, { recursive: true });
  await waitForLines(`${sd}/healthy/log/main`, "healthy", 2000);
  assert(existsSync(`${sd}/hanging/log/main/previous`), "it still hangs");
  Deno.writeTextFileSync(`${sd}/hanging/log/end`, "");
  await waitForLines(`${sd}/hanging/log/main`, "hanging", 2000);
  svscan.kill("SIGTERM");
  assertEquals((await svscan.status).code, 0);
});

hostTest("log-host does with svc's letters what multilog does", async () => {
  await using dir = await tempDir();
  const sd = await writeServices(dir, { a: { run: "exec cat ../fifo" } });
  await run("/usr/bin/mkfifo", [dir.join("sd/fifo")]);
  const log = `${sd}/a/log`;
  await using svscan = start("svscan", [sd]);
  using input = await Deno.open(dir.join("sd/fifo"), { read: true, write: true });
  const say = (text: string) => input.write(new TextEncoder().encode(text));
  await say("one\n");
  await waitFor(() => linesOf(`${log}/main`).length === 1, { what: "a line" });
  await run("svc", ["-a", log]);
  await waitFor(() => namesIn(`${log}/main`).some((name) => name.endsWith(".s")), {
    what: "a rotation",
  });
  await run("svc", ["-p", log]);
  await waitFor(async () => (await svstat(log)).endsWith("paused"), { what: "the pause" });
  await say("two\n");
  await pause(200);
  assertEquals(linesOf(`${log}/main`), ["one"]);
  await run("svc", ["-c", log]);
  await waitFor(() => linesOf(`${log}/main`).length === 2, { what: "the second line" });
  for (const letter of ["-t", "-h", "-i", "-k"]) {
    const before = (await readServiceStatus(log)).nanoseconds;
    await run("svc", [letter, log]);
    await waitFor(async () => (await readServiceStatus(log)).nanoseconds !== before, {
      what: `the end after ${letter}`,
    });
    await waitForUp(log);
  }
  await say("three\n");
  await waitFor(() => linesOf(`${log}/main`).length === 3, { what: "the third line" });
  await run("svc", ["-d", log]);
  await waitFor(async () => (await pidOf(log)) === 0, { what: "the logger to be down" });
  await run("svc", ["-u", log]);
  await waitForUp(log);
  svscan.kill("SIGTERM");
  await svscan.status;
  assertEquals(linesOf(`${log}/main`), ["one", "two", "three"]);
});

hostTest("log-host says what cannot be had, and it is tried again", async () => {
  await using dir = await tempDir();
  const sd = await writeServices(dir, { a: { run: writer("a", 5) } });
  Deno.writeTextFileSync(`${sd}/a/log/main`, "in the way");
  await using svscan = start("svscan", [sd]);
  const message = `multilog: fatal: unable to open directory ${sd}/a/log/main: not a directory\n`;
  await svscan.waitForOutput(message + message);
  Deno.removeSync(`${sd}/a/log/main`);
  await waitForLines(`${sd}/a/log/main`, "a", 5);
  svscan.kill("SIGTERM");
  await svscan.status;
});

hostTest(
  "A log-host that is told to end loses nothing, and its streams go on in another",
  async () => {
    await using dir = await tempDir();
    const sd = await writeServices(dir, {
      a: { run: writer("a", 3000, 1) },
      b: { run: writer("b", 3000, 1) },
    });
    await using svscan = start("svscan", [sd]);
    await waitFor(() => linesOf(`${sd}/a/log/main`).length > 100, {
      what: "lines",
      timeoutMs: PATIENCE_MS,
    });
    for (let count = 0; count < 2; count++) {
      const pid = await waitForUp(`${sd}/a/log`);
      Deno.kill(pid, "SIGTERM");
      await waitFor(() => !isAlive(pid), { what: "the host to end" });
      await waitForUp(`${sd}/a/log`, pid);
    }
    for (const name of ["a", "b"]) await waitForLines(`${sd}/${name}/log/main`, name, 3000);
    svscan.kill("SIGTERM");
    await svscan.status;
  },
);

hostTest("A log-host that is killed loses no more than what it has just read", async () => {
  await using dir = await tempDir();
  const kills = 2;
  const sd = await writeServices(dir, {
    a: { run: `${writer("a", 3000, 1)}` },
    b: { run: `${writer("b", 3000, 1)}` },
  });
  await using svscan = start("svscan", [sd]);
  for (let count = 0; count < kills; count++) {
    await waitFor(() => linesOf(`${sd}/b/log/main`).length > 100 * (count + 1), {
      what: "lines",
      timeoutMs: PATIENCE_MS,
    });
    const pid = await waitForUp(`${sd}/b/log`);
    Deno.kill(pid, "SIGKILL");
    await waitForUp(`${sd}/b/log`, pid);
  }
  for (const name of ["a", "b"]) {
    const log = `${sd}/${name}/log/main`;
    await waitFor(() => linesOf(log).at(-1) === `${name} 3000`, {
      what: `the end of ${name}`,
      timeoutMs: PATIENCE_MS,
    });
    const numbers = linesOf(log).map((line) => Number(line.slice(2)));
    // In each kill there may be one read on its way: of 2 KiB where eight of 1 KiB were not enough.
    const lost = 3000 - numbers.length;
    assert(lost * "a 100\n".length <= kills * 2048, `${lost} lines are lost`);
    assertEquals(numbers, [...new Set(numbers)].sort((one, other) => one - other));
  }
  svscan.kill("SIGTERM");
  await svscan.status;
});

hostTest("A killed svscan costs no line of a hosted log, and none is doubled", async () => {
  await using dir = await tempDir();
  const sd = await writeServices(dir, {
    a: { run: writer("a", 1500, 1) },
    b: { run: writer("b", 1500, 1) },
  });
  await using first = start("svscan", [sd]);
  await waitFor(() => linesOf(`${sd}/a/log/main`).length > 100, {
    what: "lines",
    timeoutMs: PATIENCE_MS,
  });
  const [service, host] = [await waitForUp(`${sd}/a`), await waitForUp(`${sd}/a/log`)];
  first.kill("SIGKILL");
  await first.status;
  assert(isAlive(host), "it goes on reading");
  await using second = start("svscan", [sd]);
  const next = await waitForUp(`${sd}/a/log`, host);
  assert(isHost(next));
  assertEquals(await waitForUp(`${sd}/a`), service);
  await waitFor(() => !isAlive(host), { what: "the old host to end" });
  for (const name of ["a", "b"]) await waitForLines(`${sd}/${name}/log/main`, name, 1500);
  second.kill("SIGTERM");
  assertEquals((await second.status).code, 0);
});

hostTest("No service loses its reader while one svscan after another is killed", async () => {
  await using dir = await tempDir();
  const names = Array.from({ length: 30 }, (_, index) => `s${index}`);
  const run = "while :; do echo line; echo >>wrote; sleep 0.1; done";
  const sd = await writeServices(dir, Object.fromEntries(names.map((name) => [name, { run }])));
  await using first = start("svscan", [sd]);
  const pidsOf = (part: string) =>
    Promise.all(names.map((name) => waitForUp(`${sd}/${name}${part}`)));
  const services = await pidsOf("");
  const [host] = await pidsOf("/log");
  first.kill("SIGKILL");
  await first.status;
  // The next is killed right when it has ended the host, before all streams are in another one.
  await using second = start("svscan", [sd]);
  await waitFor(() => !isAlive(host!), { what: "the end of the host", intervalMs: 2 });
  second.kill("SIGKILL");
  await second.status;
  // One whose pipe nobody has when it writes is ended by SIGPIPE.
  const counts = () => names.map((name) => Deno.statSync(`${sd}/${name}/wrote`).size);
  const before = counts();
  await waitFor(
    () => counts().every((count, at) => count > before[at]! + 1 || !isAlive(services[at]!)),
    { what: "all services to write" },
  );
  await using third = start("svscan", [sd]);
  for (const name of names) await waitForUp(`${sd}/${name}/log`, host);
  assertEquals(await pidsOf(""), services);
  third.kill("SIGTERM");
  assertEquals([(await third.status).code, third.stderr], [0, ""]);
});

hostTest("A left host is found where the process record of its logger makes no sense", async () => {
  await using dir = await tempDir();
  const sd = await writeServices(dir, { a: { run: writer("a", 1500, 1) } });
  await using first = start("svscan", [sd]);
  await waitFor(() => linesOf(`${sd}/a/log/main`).length > 100, { what: "lines" });
  const [service, host] = [await waitForUp(`${sd}/a`), await waitForUp(`${sd}/a/log`)];
  first.kill("SIGKILL");
  await first.status;
  Deno.writeFileSync(`${sd}/a/log/supervise/process`, new Uint8Array(68).fill(1));
  await using second = start("svscan", [sd]);
  assert(isHost(await waitForUp(`${sd}/a/log`, host)));
  assertEquals(await waitForUp(`${sd}/a`), service);
  await waitForLines(`${sd}/a/log/main`, "a", 1500);
  second.kill("SIGTERM");
  // Nobody had to wait for the lock of the log.
  assertEquals([(await second.status).code, second.stderr], [0, ""]);
});

hostTest("A live upgrade costs no line of a hosted log, and none is doubled", async () => {
  await using dir = await tempDir();
  Deno.mkdirSync(dir.join("bin"));
  await Deno.copyFile(`${ROOT}/build/daemontools`, dir.join("bin/daemontools"));
  for (const name of ["svscan", "multilog"]) {
    Deno.symlinkSync("daemontools", dir.join(`bin/${name}`));
  }
  const sd = await writeServices(dir, {
    a: { run: writer("a", 2000, 2) },
    b: { run: writer("b", 2000, 2) },
  });
  const env = { PATH: `${dir.join("bin")}:${Deno.env.get("PATH")}` };
  await using svscan = start(dir.join("bin/svscan"), [sd], { env });
  await waitFor(() => linesOf(`${sd}/b/log/main`).length > 100, { what: "lines" });
  const [service, host] = [await waitForUp(`${sd}/a`), await waitForUp(`${sd}/a/log`)];
  assert(isHost(host));
  await makeOtherVersion(dir.join("bin/next"), "9.9.9");
  await Deno.rename(dir.join("bin/next"), dir.join("bin/daemontools"));
  svscan.kill("SIGUSR2");
  const next = await waitForUp(`${sd}/a/log`, host);
  await waitFor(() => isHost(next), { what: "the next host" });
  await waitFor(() => !isAlive(host), { what: "the old host to end" });
  assertEquals(await waitForUp(`${sd}/a`), service);
  for (const name of ["a", "b"]) await waitForLines(`${sd}/${name}/log/main`, name, 2000);
  svscan.kill("SIGTERM");
  assertEquals((await svscan.status).code, 0);
});

hostTest("log-host runs as the account of setuidgid, processors too", async () => {
  if (Deno.uid() !== 0) return;
  await using dir = await tempDir();
  const sd = await writeServices(dir, {
    a: {
      run: writer("a", 400),
      logRun: "exec setuidgid daemon multilog s4096 '!id -u; pwd; cat >/dev/null' ./main",
    },
    b: { run: writer("b", 4) },
  });
  Deno.chownSync(`${sd}/a/log`, 1, 1);
  await using svscan = start("svscan", [sd]);
  const [daemons, ours] = [await waitForUp(`${sd}/a/log`), await waitForUp(`${sd}/b/log`)];
  assert(isHost(daemons) && isHost(ours) && daemons !== ours);
  await waitFor(() => statusOf(daemons).get("Uid")?.trim() === "1\t1\t1\t1", {
    what: "the account",
    explain: () => statusOf(daemons).get("Uid") ?? "",
  });
  assertEquals(statusOf(daemons).get("Groups")?.trim(), "1");
  assertEquals(commandLineOf(daemons)[2], "daemon");
  const old = await waitFor(
    () => namesIn(`${sd}/a/log/main`).find((name) => name.endsWith(".s")) ?? false,
    { what: "a processed file" },
  );
  assertStringIncludes(Deno.readTextFileSync(`${sd}/a/log/main/${old}`), `1\n${sd}/a/log/main\n`);
  svscan.kill("SIGTERM");
  await svscan.status;
});

hostTest("log-host complains of an unknown account as setuidgid does", async () => {
  await using dir = await tempDir();
  const logRun = "exec setuidgid no-such-account multilog ./main";
  const sd = await writeServices(dir, { a: { run: writer("a", 1), logRun } });
  await using svscan = start("svscan", [sd]);
  await svscan.waitForOutput("setuidgid: fatal: unknown account no-such-account\n");
  svscan.kill("SIGTERM");
  await svscan.status;
});
