/** supervise with a `finish`, on real processes; the C program knows none. */

import { assert, assertEquals } from "@std/assert";
import { isAlive } from "../support/processes.ts";
import { svstat, waitForUp, writeScript, writeService } from "../support/service.ts";
import { tempDir } from "../support/temp.ts";
import { isReference, run, start } from "../support/tools.ts";
import { waitFor } from "../support/wait.ts";

Deno.test("supervise runs finish with its arguments in the surroundings of run", {
  ignore: isReference,
}, async () => {
  await using dir = await tempDir();
  const service = await writeService(dir.join("s"), { run: "echo $$ >>pids\nexit 7" });
  await writeScript(`${service}/finish`, 'echo "$PWD" "$@" >>finished\nexec sleep 1000000');
  Deno.writeTextFileSync(`${service}/timeout-finish`, "0\n");
  await using supervise = start("supervise", ["s"], { cwd: dir.path });
  const read = (name: string) => Deno.readTextFileSync(`${service}/${name}`).trimEnd();
  const line = await waitFor(() => read("finished") || undefined, { what: "finish" });
  assertEquals(line, `${service} 7 0 s ${read("pids")}`);
  assertEquals(await svstat(service), "down SECONDS seconds, normally up, want up");
  // Killed, it lets the service start again.
  await run("svc", ["-k", service]);
  await waitFor(() => read("pids").split("\n").length === 2, { what: "the next start" });
  await run("svc", ["-dx", service]);
  await waitFor(() => read("finished").split("\n").length === 2, { what: "the next finish" });
  await run("svc", ["-k", service]);
  assertEquals((await supervise.status).code, 0);
});

Deno.test("supervise kills a finish that takes too long", { ignore: isReference }, async () => {
  await using dir = await tempDir();
  const service = await writeService(dir.join("s"));
  await writeScript(`${service}/finish`, "echo $$ >finisher\nexec sleep 1000000");
  Deno.writeTextFileSync(`${service}/timeout-finish`, "100\n");
  await using supervise = start("supervise", ["s"], { cwd: dir.path });
  const pid = await waitForUp(service);
  Deno.kill(pid, "SIGKILL");
  await waitForUp(service, pid);
  assert(!isAlive(Number(Deno.readTextFileSync(`${service}/finisher`))));
  Deno.removeSync(`${service}/finish`);
  await run("svc", ["-dx", service]);
  assertEquals((await supervise.status).code, 0);
});
