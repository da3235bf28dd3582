/** log-host: what becomes of hosted logs when svscan is killed or upgraded, on real processes. */

import { assert, assertEquals } from "@std/assert";
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
import { isAlive } from "../support/processes.ts";
import { waitForUp } from "../support/service.ts";
import { tempDir } from "../support/temp.ts";
import { start } from "../support/tools.ts";
import { waitFor } from "../support/wait.ts";

hostTest("A killed svscan costs no line of a hosted log, and none is doubled", async () => {
  await using dir = await tempDir();
  const sd = await writeServices(dir, {
    a: { run: writer("a", 1500, 1) },
    b: { run: writer("b", 1500, 1) },
  });
  await using first = start("svscan", [sd]);
  await waitFor(() => linesOf(`${sd}/a/log/main`).length > 100, {
    what: "lines",
    timeoutMs: PATIENCE_MS,
  });
  const [service, host] = [await waitForUp(`${sd}/a`), await waitForUp(`${sd}/a/log`)];
  first.kill("SIGKILL");
  await first.status;
  assert(isAlive(host), "it goes on reading");
  await using second = start("svscan", [sd]);
  const next = await waitForUp(`${sd}/a/log`, host);
  assert(isHost(next));
  assertEquals(await waitForUp(`${sd}/a`), service);
  await waitFor(() => !isAlive(host), { what: "the old host to end" });
  for (const name of ["a", "b"]) await waitForLines(`${sd}/${name}/log/main`, name, 1500);
  second.kill("SIGTERM");
  assertEquals((await second.status).code, 0);
});

hostTest("No service loses its reader while one svscan after another is killed", async () => {
  await using dir = await tempDir();
  const names = Array.from({ length: 30 }, (_, index) => `s${index}`);
  const run = "while :; do echo line; echo >>wrote; sleep 0.1; done";
  const sd = await writeServices(dir, Object.fromEntries(names.map((name) => [name, { run }])));
  await using first = start("svscan", [sd]);
  const pidsOf = (part: string) =>
    Promise.all(names.map((name) => waitForUp(`${sd}/${name}${part}`)));
  const services = await pidsOf("");
  const [host] = await pidsOf("/log");
  first.kill("SIGKILL");
  await first.status;
  // The next is killed right when it has ended the host, before all streams are in another one.
  await using second = start("svscan", [sd]);
  await waitFor(() => !isAlive(host!), { what: "the end of the host", intervalMs: 2 });
  second.kill("SIGKILL");
  await second.status;
  // One whose pipe nobody has when it writes is ended by SIGPIPE.
  const counts = () => names.map((name) => Deno.statSync(`${sd}/${name}/wrote`).size);
  const before = counts();
  await waitFor(
    () => counts().every((count, at) => count > before[at]! + 1 || !isAlive(services[at]!)),
    { what: "all services to write" },
  );
  await using third = start("svscan", [sd]);
  for (const name of names) await waitForUp(`${sd}/${name}/log`, host);
  assertEquals(await pidsOf(""), services);
  third.kill("SIGTERM");
  assertEquals([(await third.status).code, third.stderr], [0, ""]);
});

hostTest("A left host is found where the process record of its logger makes no sense", async () => {
  await using dir = await tempDir();
  const sd = await writeServices(dir, { a: { run: writer("a", 1500, 1) } });
  await using first = start("svscan", [sd]);
  await waitFor(() => linesOf(`${sd}/a/log/main`).length > 100, { what: "lines" });
  const [service, host] = [await waitForUp(`${sd}/a`), await waitForUp(`${sd}/a/log`)];
  first.kill("SIGKILL");
  await first.status;
  Deno.writeFileSync(`${sd}/a/log/supervise/process`, new Uint8Array(68).fill(1));
  await using second = start("svscan", [sd]);
  assert(isHost(await waitForUp(`${sd}/a/log`, host)));
  assertEquals(await waitForUp(`${sd}/a`), service);
  await waitForLines(`${sd}/a/log/main`, "a", 1500);
  second.kill("SIGTERM");
  // Nobody had to wait for the lock of the log.
  assertEquals([(await second.status).code, second.stderr], [0, ""]);
});

hostTest("A live upgrade costs no line of a hosted log, and none is doubled", async () => {
  await using dir = await tempDir();
  await install(dir, ["svscan", "multilog"]);
  const sd = await writeServices(dir, {
    a: { run: writer("a", 2000, 2) },
    b: { run: writer("b", 2000, 2) },
  });
  const env = { PATH: `${dir.join("bin")}:${Deno.env.get("PATH")}` };
  await using svscan = start(dir.join("bin/svscan"), [sd], { env });
  await waitFor(() => linesOf(`${sd}/b/log/main`).length > 100, { what: "lines" });
  const [service, host] = [await waitForUp(`${sd}/a`), await waitForUp(`${sd}/a/log`)];
  assert(isHost(host));
  await installOther(dir, (path) => makeOtherVersion(path, "9.9.9"));
  svscan.kill("SIGUSR2");
  const next = await waitForUp(`${sd}/a/log`, host);
  await waitFor(() => isHost(next), { what: "the next host" });
  await waitFor(() => !isAlive(host), { what: "the old host to end" });
  assertEquals(await waitForUp(`${sd}/a`), service);
  for (const name of ["a", "b"]) await waitForLines(`${sd}/${name}/log/main`, name, 2000);
  svscan.kill("SIGTERM");
  assertEquals((await svscan.status).code, 0);
});
