/**
 * svscan while its user can have no more processes and threads, and after that.
 *
 * The thread in which it waits for events stays its own: it is never without work for long enough
 * to be given back.
 */

import { assert, assertEquals } from "@std/assert";
import { existsSync } from "@std/fs/exists";
import { isAlive } from "../support/processes.ts";
import { readServiceStatus, waitForUp, writeService } from "../support/service.ts";
import { tempDir } from "../support/temp.ts";
import { isReference, othersReachTools, run, start, tool } from "../support/tools.ts";
import { waitFor } from "../support/wait.ts";

const UID = 54323;
const AS_USER = ["--reuid", `${UID}`, "--regid", `${UID}`, "--clear-groups"];
const LIMIT = 8;
const canTry = Deno.uid() === 0 && existsSync("/usr/bin/setpriv") && existsSync("/bin/bash");

Deno.test({
  name: "svscan gets on when no process and no thread can be had, and afterwards",
  ignore: isReference || !canTry || !othersReachTools,
  async fn() {
    await using dir = await tempDir();
    Deno.chmodSync(dir.path, 0o755);
    const service = await writeService(dir.join("sd/a"));
    const other = await writeService(dir.join("sd/b"));
    for (const path of [service, other]) Deno.chownSync(path, UID, UID);
    await using svscan = start("/usr/bin/env", [
      "setpriv",
      ...AS_USER,
      "bash",
      "-c",
      `ulimit -u ${LIMIT}; exec "$@"`,
      "bash",
      tool("svscan"),
      dir.join("sd"),
    ]);
    const pid = await waitForUp(service);
    await waitForUp(other);
    // It reaps its children: until then they count.
    const crowd = "trap 'kill $pids; wait; exit' TERM\n" +
      'for n in 1 2 3 4 5 6 7 8 9 10; do sleep 1000000 & pids="$pids $!"; done; echo full; wait';
    {
      await using others = start("/usr/bin/env", ["setpriv", ...AS_USER, "/bin/sh", "-c", crowd]);
      await others.waitForOutput("full");
      Deno.kill(pid, "SIGKILL");
      await svscan.waitForOutput(
        "supervise: warning: unable to fork for a, sleeping 60 seconds: temporary failure\n",
      );
      // Commands are obeyed, and the other one's are.
      await run("svc", ["-d", service, other]);
      await waitFor(async () => (await readServiceStatus(service)).want === "d", { what: "d" });
      await waitFor(async () => (await readServiceStatus(other)).pid === 0, { what: "its end" });
      assert(isAlive(svscan.pid));
      others.kill("SIGTERM");
      await others.status;
    }
    await run("svc", ["-u", service, other]);
    await waitForUp(service, pid);
    await waitForUp(other);
    svscan.kill("SIGTERM");
    assertEquals((await svscan.status).code, 0);
  },
});
