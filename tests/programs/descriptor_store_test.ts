/** svscan with more services than it may have descriptors for. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { existsSync } from "@std/fs/exists";
import { descriptorsOf, environmentOf, isAlive, statusOf } from "../support/processes.ts";
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
import { hasPerl, isReference, othersReachTools, run, start, tool } from "../support/tools.ts";
import { waitFor } from "../support/wait.ts";

const COUNT = 30;
const LIMIT = 64;
const UID = 54325;
/** CAP_SYS_RESOURCE: svscan would pass the limit. */
const AS_IS = isCapable(24n) ? ["setpriv", "--bounding-set", "-sys_resource"] : [];
const hasSetpriv = existsSync("/usr/bin/setpriv");
const AS_USER = ["--reuid", `${UID}`, "--regid", `${UID}`, "--clear-groups"];

/** Whether we have a capability. @see linux/capability.h */
function isCapable(bit: bigint): boolean {
  return (BigInt(`0x${statusOf(Deno.pid).get("CapEff")}`) & 1n << bit) !== 0n;
}

/** CAP_SYS_ADMIN: who has it may have any number in flight. */
const isPrivileged = Deno.uid() === 0 && isCapable(21n) &&
  /^\s*0\s+0\s+4294967295\s*$/.test(Deno.readTextFileSync("/proc/self/uid_map"));

/** Makes the services; the first two write numbers, and two are links. */
async function writeServices(dir: TempDir): Promise<string[]> {
  const services: string[] = [];
  Deno.mkdirSync(dir.join("sd"));
  for (let number = 0; number < COUNT; number++) {
    const isLink = number >= COUNT - 2;
    const path = dir.join(`${isLink ? "away" : "sd"}/s${number}`);
    const isCounter = number < 2 && hasPerl;
    await writeService(path, {
      run: isCounter ? COUNTER : SLEEPER,
      logRun: isCounter ? "exec cat >>out" : "exec cat",
    });
    if (isLink) Deno.symlinkSync(path, dir.join(`sd/s${number}`));
    services.push(path);
  }
  return services;
}

function startScan(dir: TempDir, ...before: string[]) {
  const script = `ulimit -n ${LIMIT}; exec "$@"`;
  const args = [...before, "/bin/sh", "-c", script, "sh", tool("svscan"), dir.join("sd")];
  return start("/usr/bin/env", args);
}

async function pidsOf(services: readonly string[]): Promise<number[]> {
  const pids: number[] = [];
  for (const service of services) pids.push(await waitForUp(service));
  return pids;
}

/** Has one service after another ended by force, and waits for its next process. */
async function killEach(services: readonly string[]): Promise<void> {
  for (const service of services) {
    const pid = await waitForUp(service);
    Deno.kill(pid, "SIGKILL");
    await waitForUp(service, pid);
  }
}

/** Nothing that a service wrote is missing. */
async function assertNothingLost(service: string): Promise<void> {
  const lines = (await Deno.readTextFile(`${service}/log/out`)).trimEnd().split("\n").map(Number);
  let restarts = 0;
  lines.forEach((line, at) => {
    if (line === 1) restarts++;
    else assertEquals(line, lines[at - 1]! + 1, `${service}, line ${at}`);
  });
  assert(restarts > 0);
}

Deno.test({
  name: `svscan runs ${COUNT} services with loggers where it may open ${LIMIT} descriptors`,
  ignore: isReference || !isPrivileged || !hasSetpriv,
  async fn() {
    await using dir = await tempDir();
    const services = await writeServices(dir);
    const parts = services.flatMap((service) => [service, `${service}/log`]);
    let pids: number[];
    {
      await using svscan = startScan(dir, ...AS_IS);
      pids = await pidsOf(parts);
      assert(descriptorsOf(svscan.pid).size < LIMIT);
      await killEach([...services.slice(0, 8), `${services[0]}/log`, `${services[20]}/log`]);
      pids = await pidsOf(parts);
      // In the same process, with all that it has put away.
      const descriptors = descriptorsOf(svscan.pid).size;
      svscan.kill("SIGUSR2");
      await waitFor(
        () => {
          const isSuccessor = environmentOf(svscan.pid).has("DAEMONTOOLS_HANDOVER");
          return isSuccessor && descriptorsOf(svscan.pid).size === descriptors;
        },
        { what: "the successor" },
      );
      assertEquals(await pidsOf(parts), pids);
      await run("svc", ["-t", ...parts]);
      for (const [at, part] of parts.entries()) await waitForUp(part, pids[at]);
      pids = await pidsOf(parts);
      assertEquals(svscan.stderr, "");
      svscan.kill("SIGKILL");
      await svscan.status;
      for (const service of services) {
        const { code } = await run("svok", [service]);
        assertEquals(code, 100, service);
      }
      assert(pids.every(isAlive));

      await using next = startScan(dir, ...AS_IS);
      for (const part of parts) await waitForSupervisor(part);
      assertEquals(await pidsOf(parts), pids);
      assert(descriptorsOf(next.pid).size < LIMIT);
      // What another has started is controlled and followed as well.
      await run("svc", ["-t", ...parts.slice(0, 20)]);
      for (const [at, part] of parts.slice(0, 20).entries()) await waitForUp(part, pids[at]);
      await killEach(parts.slice(20, 28));

      const [last = ""] = services.slice(-1);
      Deno.removeSync(dir.join(`sd/s${COUNT - 1}`));
      for (const part of [last, `${last}/log`]) {
        await waitFor(async () => {
          await run("svc", ["-dx", part]);
          return (await run("svok", [part])).code === 100;
        }, { what: `supervision of ${part} to end`, explain: () => svstat(part) });
      }
      // What is still there of others is as it was.
      for (const part of parts.slice(0, -2)) {
        assertEquals((await run("svok", [part])).code, 0, part);
      }
      pids = await pidsOf(parts.slice(0, -2));
      next.kill("SIGTERM");
      assertEquals([(await next.status).code, next.stderr], [0, ""]);
      assert(!pids.some(isAlive));
    }
    if (hasPerl) { for (const service of services.slice(0, 2)) await assertNothingLost(service); }
  },
});

Deno.test({
  name: "svscan of an ordinary user says so when descriptors are used up, and serves what it has",
  ignore: isReference || Deno.uid() !== 0 || !hasSetpriv || !othersReachTools,
  async fn() {
    await using dir = await tempDir();
    await writeServices(dir);
    const chown = await run("/bin/chown", ["-R", `${UID}`, dir.path]);
    assertEquals(chown.code, 0);
    await using svscan = startScan(dir, "setpriv", ...AS_USER);
    await svscan.waitForOutput("process cannot open more files\n");
    const paths = [...Deno.readDirSync(dir.join("sd"))].map(({ name }) => dir.join(`sd/${name}`));
    const isUp = async (path: string) => {
      try {
        return (await readServiceStatus(path)).pid !== 0 && (await run("svok", [path])).code === 0;
      } catch {
        return false;
      }
    };
    const running = await waitFor(async () => {
      const up: string[] = [];
      for (const path of paths) if (await isUp(path)) up.push(path);
      return up.length >= 4 && up;
    }, { what: "some services to be up" });
    await killEach(running);
    const pids = await pidsOf(running);
    await run("svc", ["-t", ...running]);
    for (const [at, path] of running.entries()) await waitForUp(path, pids[at]);
    assertMatch(svscan.stderr, /^svscan: warning: |^supervise: /);
    svscan.kill("SIGTERM");
    assertEquals((await svscan.status).code, 0);
  },
});
