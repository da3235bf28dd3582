/** `SUPERVISEDIR`: the supervise directories of services that cannot be written to. */

import { assert, assertEquals } from "@std/assert";
import { isAlive } from "../support/processes.ts";
import { decodeServiceStatus, SLEEPER, writeService } from "../support/service.ts";
import { namesIn, tempDir } from "../support/temp.ts";
import { isReference, othersReachTools, run, start } from "../support/tools.ts";
import { waitFor } from "../support/wait.ts";

Deno.test({
  name: "svscan of any account serves read-only directories with SUPERVISEDIR",
  ignore: isReference || Deno.uid() !== 0 || !othersReachTools,
  fn: async () => {
    await using dir = await tempDir();
    const service = await writeService(dir.join("sd/a"), { run: SLEEPER, logRun: SLEEPER });
    const env = { SUPERVISEDIR: dir.join("run/sv") };
    Deno.mkdirSync(dir.join("run"));
    const { stdout } = await run("/usr/bin/id", ["-u", "nobody"]);
    Deno.chownSync(dir.join("run"), Number(stdout), null);
    const place = `${env.SUPERVISEDIR}${service.replaceAll("/", ":").replace(":", "/")}`;
    const statusOf = (path: string) => decodeServiceStatus(Deno.readFileSync(`${path}/status`));
    const waitForPid = (path: string, other = 0) =>
      waitFor(() => {
        const { pid } = statusOf(path);
        return pid !== 0 && pid !== other && isAlive(pid) && pid;
      }, { what: "a process" });

    const args = ["nobody", "svscan", dir.join("sd")];
    const pids: number[] = [];
    {
      await using svscan = start("setuidgid", args, { env });
      pids.push(await waitForPid(place), await waitForPid(`${place}:log`));
      assertEquals(namesIn(service), ["log", "run"]);
      const parts = [service, `${service}/log`];
      for (const part of parts) assertEquals((await run("svok", [part], { env })).code, 0);
      assertEquals((await run("svok", [service])).code, 100);
      const shown = await run("svstat", parts, { env });
      assert(shown.stdout.includes(`${service}: up (pid ${pids[0]}) `), shown.stdout);
      assert(shown.stdout.includes(`${service}/log: up (pid ${pids[1]}) `), shown.stdout);
      assertEquals((await run("svc", ["-p", service], { env })).stderr, "");
      await waitFor(() => statusOf(place).paused, { what: "the pause" });
      svscan.kill("SIGKILL");
      await svscan.status;
      // What it left is found there too.
      await using next = start("setuidgid", args, { env });
      await waitFor(async () => (await run("svok", [service], { env })).code === 0, {
        what: "the next svscan",
      });
      assertEquals(await waitForPid(place), pids[0]);
      next.kill("SIGTERM");
      assertEquals((await next.status).code, 0);
    }
    assert(!pids.some(isAlive));
  },
});
