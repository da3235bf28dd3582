/** log-host: several hosts where one has not enough descriptors for all logs, on real processes. */

import { assert, assertEquals } from "@std/assert";
import { existsSync } from "@std/fs/exists";
import {
  hostTest,
  isHost,
  linesOf,
  PATIENCE_MS,
  waitForLines,
  writer,
  writeServices,
} from "../support/hosted_logs.ts";
import { install, installOther } from "../support/installed.ts";
import { makeOtherVersion } from "../support/machine.ts";
import { commandLineOf, isAlive } from "../support/processes.ts";
import { svstat, waitForUp } from "../support/service.ts";
import { namesIn, type TempDir, tempDir } from "../support/temp.ts";
import { run, start, tool } from "../support/tools.ts";
import { waitFor } from "../support/wait.ts";

/** For svscan and each host: 48 for streams, or so. */
const LIMIT = 76;
const NAMES = ["a", "b", "c", "d"];
/** A stream of five directories; a host has room for two. */
const WIDE = "exec multilog t ./main ./two ./three ./four ./five";
const LINES = 1500;

/** Services, each with a logger that needs many descriptors. */
function writeWide(dir: TempDir): Promise<string> {
  const wide = (name: string) => ({ run: writer(name, LINES, 1), logRun: WIDE });
  return writeServices(dir, Object.fromEntries(NAMES.map((name) => [name, wide(name)])));
}

function startNarrow(path: string, sd: string, env?: Record<string, string>) {
  const script = `ulimit -n ${LIMIT}; exec "$@"`;
  return start("/bin/sh", ["-c", script, "sh", path, sd], env === undefined ? {} : { env });
}

/** The hosts of all logs, each of which is up in another process than before. */
async function hostsOf(sd: string, before: readonly number[] = []): Promise<number[]> {
  const pids: number[] = [];
  for (const [index, name] of NAMES.entries()) {
    const pid = await waitForUp(`${sd}/${name}/log`, before[index]);
    assert(isHost(pid), `${name} is hosted`);
    pids.push(pid);
  }
  return pids;
}

async function waitForAll(sd: string): Promise<void> {
  for (const name of NAMES) {
    for (const log of ["main", "five"]) await waitForLines(`${sd}/${name}/log/${log}`, name, LINES);
  }
}

async function waitForSome(sd: string): Promise<void> {
  await waitFor(() => NAMES.every((name) => linesOf(`${sd}/${name}/log/main`).length > 100), {
    what: "lines",
    timeoutMs: PATIENCE_MS,
  });
}

hostTest("svscan starts another log-host where one has too few descriptors", async () => {
  await using dir = await tempDir();
  const sd = await writeWide(dir);
  await using svscan = startNarrow(tool("svscan"), sd);
  await waitForAll(sd);
  const hosts = new Set(await hostsOf(sd));
  assertEquals(hosts.size, 2);
  for (const pid of hosts) {
    await waitFor(() => commandLineOf(pid).at(-1)?.trim() === "2 logs", { what: "the title" });
  }
  // All of them at once: nothing is short of a descriptor then, either.
  await run("svc", ["-a", ...NAMES.map((name) => `${sd}/${name}/log`)]);
  const isRotated = (name: string) =>
    ["main", "two", "three", "four", "five"].every((log) =>
      namesIn(`${sd}/${name}/log/${log}`).some((file) => file.endsWith(".s"))
    );
  await waitFor(() => NAMES.every(isRotated), { what: "rotations", timeoutMs: PATIENCE_MS });
  svscan.kill("SIGTERM");
  assertEquals([(await svscan.status).code, svscan.stderr], [0, ""]);
  for (const pid of hosts) assert(!isAlive(pid));
});

hostTest("A log-host that has become empty ends, and others go on", async () => {
  await using dir = await tempDir();
  const sd = await writeWide(dir);
  await using svscan = startNarrow(tool("svscan"), sd);
  const hosts = await hostsOf(sd);
  const [host] = hosts;
  const leaving = NAMES.filter((_, index) => hosts[index] === host).map((name) => `${sd}/${name}`);
  await run("svc", ["-d", ...leaving.map((path) => `${path}/log`)]);
  await waitFor(() => !isAlive(host!), { what: "the end of the host", timeoutMs: PATIENCE_MS });
  for (const path of leaving) assert((await svstat(`${path}/log`)).startsWith("down"));
  await run("svc", ["-u", ...leaving.map((path) => `${path}/log`)]);
  await waitForAll(sd);
  assertEquals(new Set(await hostsOf(sd)).size, 2);
  svscan.kill("SIGTERM");
  assertEquals([(await svscan.status).code, svscan.stderr], [0, ""]);
});

hostTest("A killed svscan with several log-hosts costs no line, and none is doubled", async () => {
  await using dir = await tempDir();
  const sd = await writeWide(dir);
  await using first = startNarrow(tool("svscan"), sd);
  await waitForSome(sd);
  const hosts = await hostsOf(sd);
  first.kill("SIGKILL");
  await first.status;
  await using second = startNarrow(tool("svscan"), sd);
  const next = await hostsOf(sd, hosts);
  for (const host of hosts) {
    await waitFor(() => !isAlive(host), { what: "the end of an old host", timeoutMs: PATIENCE_MS });
  }
  await waitForAll(sd);
  assertEquals(new Set(next).size, 2);
  second.kill("SIGTERM");
  assertEquals([(await second.status).code, second.stderr], [0, ""]);
});

hostTest("A live upgrade with several log-hosts costs no line, and none is doubled", async () => {
  await using dir = await tempDir();
  await install(dir, ["svscan", "multilog"]);
  const sd = await writeWide(dir);
  const env = { PATH: `${dir.join("bin")}:${Deno.env.get("PATH")}` };
  await using svscan = startNarrow(dir.join("bin/svscan"), sd, env);
  await waitForSome(sd);
  const hosts = await hostsOf(sd);
  await installOther(dir, (path) => makeOtherVersion(path, "9.9.9"));
  svscan.kill("SIGUSR2");
  assertEquals(new Set(await hostsOf(sd, hosts)).size, 2);
  for (const host of hosts) {
    await waitFor(() => !isAlive(host), { what: "the end of an old host", timeoutMs: PATIENCE_MS });
  }
  await waitForAll(sd);
  svscan.kill("SIGTERM");
  assertEquals([(await svscan.status).code, svscan.stderr], [0, ""]);
});

hostTest("A log that its host has no descriptors for is opened in another one", async () => {
  if (!existsSync("/usr/bin/prlimit")) return;
  await using dir = await tempDir();
  const sd = await writeServices(dir, { a: { run: writer("a", 5) } });
  await using svscan = start("svscan", [sd]);
  await waitForLines(`${sd}/a/log/main`, "a", 5);
  const host = await waitForUp(`${sd}/a/log`);
  const used = [...Deno.readDirSync(`/proc/${host}/fd`)].map(({ name }) => Number(name));
  const free = Array.from({ length: used.length + 1 }, (_, fd) => fd).find((fd) =>
    !used.includes(fd)
  )!;
  // It receives what comes with the stream, and can open the directory.
  await run("/usr/bin/prlimit", [`--pid=${host}`, `--nofile=${free + 3}`]);
  await writeServices(dir, { b: { run: writer("b", 5) } });
  await waitForLines(`${sd}/b/log/main`, "b", 5);
  assert(await waitForUp(`${sd}/b/log`) !== host);
  const reason = "process cannot open more files";
  const message = `multilog: fatal: unable to lock directory ${sd}/b/log/main: ${reason}\n`;
  await svscan.waitForOutput(message);
  assertEquals(svscan.stderr, message);
  assertEquals(await waitForUp(`${sd}/a/log`), host);
  svscan.kill("SIGTERM");
  assertEquals((await svscan.status).code, 0);
});
