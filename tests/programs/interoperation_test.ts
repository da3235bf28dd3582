/**
 * The contract on disk: Debian's svc, svstat and svok work on our services, and ours on services
 * that Debian's supervise runs. Needs Debian's package daemontools.
 */

import { assertEquals } from "@std/assert";
import { existsSync } from "@std/fs/exists";
import { SLEEPER, waitForUp, writeService } from "../support/service.ts";
import { tempDir } from "../support/temp.ts";
import { isReference, ROOT, run, start } from "../support/tools.ts";
import { waitFor } from "../support/wait.ts";

const OURS = `${ROOT}/build/command`;
const DEBIANS = "/usr/bin";

const isInstalled = existsSync(`${DEBIANS}/supervise`) && existsSync(`${DEBIANS}/svstat`);

for (
  const [supervisors, clients, title] of [
    [OURS, DEBIANS, "Debian's svc, svstat and svok work on a service of our supervise"],
    [DEBIANS, OURS, "svc, svstat and svok work on a service of Debian's supervise"],
  ] as const
) {
  Deno.test(title, { ignore: isReference || !isInstalled }, async () => {
    await using dir = await tempDir();
    const service = await writeService(dir.join("s"), { run: SLEEPER });
    await using supervise = start(`${supervisors}/supervise`, [service]);
    const client = async (name: string, ...args: string[]) => {
      const { code, stdout, stderr } = await run(`${clients}/${name}`, args);
      assertEquals(stderr, "");
      return { code, line: stdout.replace(/\d+ seconds/, "N seconds").trimEnd() };
    };
    const saysOfService = (words: string) =>
      waitFor(async () => (await client("svstat", service)).line === `${service}: ${words}`, {
        what: `svstat to say "${words}"`,
        explain: async () => (await client("svstat", service)).line,
      });
    const pid = await waitForUp(service);
    assertEquals((await client("svok", service)).code, 0);
    await saysOfService(`up (pid ${pid}) N seconds`);
    await client("svc", "-p", service);
    await saysOfService(`up (pid ${pid}) N seconds, paused`);
    await client("svc", "-d", service);
    await saysOfService("down N seconds, normally up");
    Deno.writeTextFileSync(`${service}/down`, "");
    await saysOfService("down N seconds");
    await client("svc", "-u", service);
    const second = await waitForUp(service, pid);
    await saysOfService(`up (pid ${second}) N seconds, normally down`);
    await client("svc", "-dx", service);
    assertEquals((await supervise.status).code, 0);
    assertEquals((await client("svok", service)).code, 100);
    await saysOfService("supervise not running");
  });
}
