/** svok: the answer is the exit code. */

import { assertEquals } from "@std/assert";
import { ensureDirSync } from "@std/fs/ensure-dir";
import { waitForSupervisor, writeService } from "../support/service.ts";
import { tempDir } from "../support/temp.ts";
import { run, start } from "../support/tools.ts";

Deno.test("svok exits 0 while a service is supervised, 100 when not", async () => {
  await using dir = await tempDir();
  const service = await writeService(dir.join("s"), { down: true });
  assertEquals((await run("svok", [service])).code, 100);
  await using supervise = start("supervise", [service]);
  await waitForSupervisor(service);
  assertEquals(await run("svok", [service, "ignored"]).then(({ code, stderr }) => [code, stderr]), [
    0,
    "",
  ]);
  await run("svc", ["-x", service]);
  await supervise.status;
  assertEquals((await run("svok", [service])).code, 100);
});

Deno.test("svok exits 111 with a message when it cannot tell", async () => {
  await using dir = await tempDir();
  ensureDirSync(dir.join("loop/supervise"));
  Deno.symlinkSync("ok", dir.join("loop/supervise/ok"));
  for (
    const [name, message] of [
      ["nosuch", "unable to chdir to nosuch: file does not exist"],
      ["--help-me", "unable to chdir to --help-me: file does not exist"],
      ["loop", "unable to open loop/supervise/ok: symbolic link loop"],
    ]
  ) {
    const { code, stderr } = await run("svok", [name!], { cwd: dir.path });
    assertEquals([code, stderr], [111, `svok: fatal: ${message}\n`]);
  }
});

Deno.test("svok without an argument prints its usage", async () => {
  const { code, stderr } = await run("svok");
  assertEquals([code, stderr], [100, "svok: usage: svok dir\n"]);
});
