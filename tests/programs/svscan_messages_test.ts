/** svscan, when what it has to say can be said to nobody. */

import { assert } from "@std/assert";
import { ensureDirSync } from "@std/fs/ensure-dir";
import { waitForUp, writeService } from "../support/service.ts";
import { tempDir } from "../support/temp.ts";
import { run, start } from "../support/tools.ts";

for (
  const [what, redirection] of [
    ["is a pipe that nobody reads", "2> >(exit)"],
    ["is a full disk", "2>/dev/full"],
    ["is closed", "2>&-"],
  ]
) {
  Deno.test(`svscan goes on when its standard error ${what}`, async () => {
    await using dir = await tempDir();
    // There is something to complain about every second.
    ensureDirSync(dir.join("sd/norun"));
    const service = await writeService(dir.join("sd/a"));
    const script = `exec svscan "$1" ${redirection}`;
    await using svscan = start("/bin/bash", ["-c", script, "bash", dir.join("sd")]);
    let pid = await waitForUp(service);
    for (let death = 0; death < 3; death++) {
      Deno.kill(pid, "SIGKILL");
      pid = await waitForUp(service, pid);
    }
    assert(!svscan.ended);
    svscan.kill("SIGTERM");
    await svscan.status;
    await run("svc", ["-dx", service, dir.join("sd/norun")]);
  });
}
