/** The everyday commands of a user who may not look at services: they say so, and guess nothing. */

import { assertEquals, assertMatch } from "@std/assert";
import { SLEEPER, waitForUp, writeService } from "../../support/service.ts";
import { existsSync } from "@std/fs/exists";
import { waitFor } from "../../support/wait.ts";
import { othersReachTools, run } from "../../support/tools.ts";
import { EXECUTABLE, startTree } from "../../support/verbs.ts";

const ASK = "daemontools: what is unknown may not be looked at by this user: ask as root\n";

Deno.test({
  name: "a user without rights is told so once, and nothing is claimed of services",
  ignore: Deno.uid() !== 0 || !othersReachTools,
  async fn() {
    const service = { run: SLEEPER, logRun: "exec multilog t ./main" };
    await using tree = await startTree({ web: service, other: service });
    for (const name of ["web", "other"]) {
      await waitForUp(tree.join(name));
      await waitFor(() => existsSync(tree.join(`${name}/log/main/current`)), { what: "its log" });
    }
    const verb = async (...args: string[]) => {
      const env = { DAEMONTOOLS_SERVICES: tree.path };
      const asUser = ["daemon", EXECUTABLE, ...args];
      const { stdout, stderr, code } = await run("setuidgid", asUser, { env });
      return [stdout, stderr, code];
    };
    const [metrics, asked, code] = await verb("metrics");
    assertEquals([asked, code], [ASK, 0]);
    assertMatch(metrics as string, /daemontools_service_state="unknown"\} 1\n/);
    // What is not known has no sample.
    assertEquals((metrics as string).includes("daemontools_service_up"), false);
    const [table] = await verb("status");
    assertMatch(table as string, /^web +unknown +\? +\? +\? +\? +\? +\? /m);
    for (const name of ["new1", "new2"]) await writeService(tree.beside(name));
    const addition = `daemontools: no right to make ${tree.join("new1")}, ${tree.join("new2")}: ` +
      "ask as root\n";
    assertEquals(await verb("add", tree.beside("new1"), tree.beside("new2")), ["", addition, 1]);
    const removal = "daemontools: no right to remove web, other: ask as root\n";
    assertEquals(await verb("remove", "web", "other"), ["", removal, 1]);
    assertEquals(Deno.statSync(tree.join("web/log/main")).mode! & 0o777, 0o700);
    const logs = "daemontools: no right to read the log of other, web: ask as root\n";
    assertEquals(await verb("log"), ["", logs, 1]);
    const control = "daemontools: no right to control web, other: ask as root\n";
    assertEquals(await verb("signal", "HUP", "web", "other"), ["", control, 1]);
    assertEquals(await verb("signal", "USR1", "web", "other"), ["", control, 1]);
    assertEquals(await verb("stop", "web", "other"), ["", control, 1]);
    assertEquals(await verb("reload", "web", "other"), ["", control, 1]);
    const [json] = await verb("status", "--json", "web");
    assertEquals(JSON.parse(json as string).services[0].hosted, null);
    const look = "daemontools: no right to look at web, other: ask as root\n";
    assertEquals(await verb("wait", "up", "web", "other"), ["", look, 111]);
    assertEquals(await verb("check", "web", "other"), [
      "checked 2 services, as far as this user may look: nothing found\n",
      ASK,
      0,
    ]);
  },
});
