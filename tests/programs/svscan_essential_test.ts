/** svscan with an essential service, as in a container; the C program knows none. */

import { assert, assertEquals } from "@std/assert";
import { isAlive } from "../support/processes.ts";
import { waitForUp, writeService } from "../support/service.ts";
import { tempDir } from "../support/temp.ts";
import { isReference, start } from "../support/tools.ts";

for (
  const { name, run, files, code, said } of [
    {
      name: "exits with the code of an essential service whose restarts are used up",
      run: "exit 7",
      files: { essential: "", "max-restarts": "1 60000\n" },
      code: 7,
      said: "supervise: warning: main/run was restarted 1 times in 60000 ms: it stays down\n",
    },
    {
      name: "exits with 128 and the signal that ended an essential service",
      run: "kill -KILL $$",
      files: { essential: "", "max-restarts": "0 60000\n" },
      code: 137,
      said: "supervise: warning: main/run was restarted 0 times in 60000 ms: it stays down\n",
    },
  ]
) {
  Deno.test(`svscan ${name}`, { ignore: isReference }, async () => {
    await using dir = await tempDir();
    const other = await writeService(dir.join("sd/other"));
    await using svscan = start("svscan", [dir.join("sd")]);
    const pid = await waitForUp(other);
    await writeService(dir.join("main"), { run, files, logRun: "exec cat >out" });
    Deno.symlinkSync("../main", dir.join("sd/main"));
    assertEquals((await svscan.status).code, code);
    assert(!isAlive(pid));
    const ends = "svscan: warning: main, which is essential, has ended: everything ends\n";
    assertEquals(svscan.stderr, said + ends);
  });
}
