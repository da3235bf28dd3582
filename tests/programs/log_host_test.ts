/** log-host: the logs of svscan's services in one process an account, on real processes. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { existsSync } from "@std/fs/exists";
import {
  hostTest,
  isHost,
  linesOf,
  PATIENCE_MS,
  pidOf,
  PLAIN,
  waitForLines,
  writer,
  writeServices,
} from "../support/hosted_logs.ts";
import { commandLineOf, isAlive, statusOf } from "../support/processes.ts";
import { readServiceStatus, svstat, waitForUp, writeService } from "../support/service.ts";
import { namesIn, removeTree, tempDir } from "../support/temp.ts";
import { run, start } from "../support/tools.ts";
import { pause, waitFor } from "../support/wait.ts";

hostTest("log-host runs the logs of all plain scripts, and shows how many they are", async () => {
  await using dir = await tempDir();
  const sd = await writeServices(dir, {
    a: { run: writer("a", 10) },
    b: { run: writer("b", 10), logRun: "# the log\nexec 2>&1\nexec multilog \\\n  ./main" },
  });
  await using svscan = start("svscan", [sd]);
  for (const name of ["a", "b"]) await waitForLines(`${sd}/${name}/log/main`, name, 10);
  const [one, other] = [await pidOf(`${sd}/a/log`), await pidOf(`${sd}/b/log`)];
  assertEquals(one, other);
  assert(isHost(one));
  await waitFor(() => commandLineOf(one).at(-1)?.trim() === "2 logs", {
    what: "the title",
    explain: () => commandLineOf(one).join(" "),
  });
  assertEquals(await svstat(`${sd}/a/log`), "up (pid PID) SECONDS seconds");
  svscan.kill("SIGTERM");
  assertEquals((await svscan.status).code, 0);
  assertEquals(isAlive(one), false);
  assertEquals((await Deno.stat(`${sd}/a/log/main/current`)).mode! & 0o777, 0o744);
});

hostTest("log-host keeps the logs of services apart, however fast they write", async () => {
  await using dir = await tempDir();
  const names = Array.from({ length: 8 }, (_, index) => `service${index}`);
  const services = names.map((name) => [name, { run: writer(name, 20000) }]);
  const sd = await writeServices(dir, Object.fromEntries(services));
  await using svscan = start("svscan", [sd]);
  for (const name of names) await waitForLines(`${sd}/${name}/log/main`, name, 20000);
  svscan.kill("SIGTERM");
  await svscan.status;
});

hostTest(
  "log-host is no part of a logger that is not plain, or wants its own process",
  async () => {
    await using dir = await tempDir();
    const sd = await writeServices(dir, {
      a: { logRun: "umask 077\nexec multilog ./main" },
      b: { files: { "log/own-process": "" } },
      c: { logRun: "exec cat" },
    });
    await using svscan = start("svscan", [sd]);
    for (const name of ["a", "b", "c"]) assert(!isHost(await waitForUp(`${sd}/${name}/log`)));
    svscan.kill("SIGTERM");
    await svscan.status;
  },
);

hostTest("log-host runs below a softlimit that the runtime could not start under", async () => {
  await using dir = await tempDir();
  const limit = "300000000";
  const sd = await writeServices(dir, {
    a: {
      run: writer("a", 400),
      // The limit reaches the processor right after its start.
      logRun:
        "exec multilog s4096 '!until ulimit -Sd | grep -v unlimited >limit; do :; done; cat'" +
        " ./main",
    },
  });
  await using svscan = start("softlimit", ["-d", limit, "svscan", sd]);
  await waitForLines(`${sd}/a/log/main`, "a", 400);
  assert(isHost(await pidOf(`${sd}/a/log`)));
  const told = await waitFor(
    () => Deno.readTextFileSync(`${sd}/a/log/main/limit`) || undefined,
    { what: "the processor's limit" },
  );
  assertEquals(told, `${Math.floor(Number(limit) / 1024)}\n`);
  svscan.kill("SIGTERM");
  assertEquals([(await svscan.status).code, svscan.stderr], [0, ""]);
});

hostTest("supervise hosts nothing by itself", async () => {
  await using dir = await tempDir();
  const service = await writeService(dir.join("log"), { run: PLAIN });
  await using supervise = start("supervise", [service]);
  assert(!isHost(await waitForUp(service)));
  await run("svc", ["-dx", service]);
  await supervise.status;
});

hostTest("A log in trouble holds up no other one of its host", async () => {
  await using dir = await tempDir();
  const sd = await writeServices(dir, {
    endless: { run: "head -c 3000000 /dev/zero | tr '\\0' a\nexec sleep 1000000" },
    hanging: {
      run: writer("hanging", 2000),
      logRun: "exec multilog n50 s4096 '!until [ -e ../end ]; do sleep 0.1; done; cat' ./main",
    },
    healthy: { run: `until [ -e go ]; do sleep 0.1; done\n${writer("healthy", 2000, 1)}` },
    removed: { run: writer("removed", 3000, 1) },
  });
  const loggers = namesIn(sd).map((name) => `${sd}/${name}/log`);
  await using svscan = start("svscan", [sd]);
  const pids = await Promise.all(loggers.map((logger) => waitForUp(logger)));
  assertEquals(new Set(pids).size, 1);
  await waitFor(() => existsSync(`${sd}/hanging/log/main/previous`), { what: "a processor" });
  Deno.writeTextFileSync(`${sd}/healthy/go`, "");
  await waitFor(() => linesOf(`${sd}/removed/log/main`).length > 100, { what: "lines" });
  await removeTree(`${sd}/removed/log/main`);
  await waitForLines(`${sd}/healthy/log/main`, "healthy", 2000);
  assert(existsSync(`${sd}/hanging/log/main/previous`), "it still hangs");
  Deno.writeTextFileSync(`${sd}/hanging/log/end`, "");
  await waitForLines(`${sd}/hanging/log/main`, "hanging", 2000);
  svscan.kill("SIGTERM");
  assertEquals((await svscan.status).code, 0);
});

hostTest("log-host does with svc's letters what multilog does", async () => {
  await using dir = await tempDir();
  const sd = await writeServices(dir, { a: { run: "exec cat ../fifo" } });
  await run("/usr/bin/mkfifo", [dir.join("sd/fifo")]);
  const log = `${sd}/a/log`;
  await using svscan = start("svscan", [sd]);
  using input = await Deno.open(dir.join("sd/fifo"), { read: true, write: true });
  const say = (text: string) => input.write(new TextEncoder().encode(text));
  await say("one\n");
  await waitFor(() => linesOf(`${log}/main`).length === 1, { what: "a line" });
  await run("svc", ["-a", log]);
  await waitFor(() => namesIn(`${log}/main`).some((name) => name.endsWith(".s")), {
    what: "a rotation",
  });
  await run("svc", ["-p", log]);
  await waitFor(async () => (await svstat(log)).endsWith("paused"), { what: "the pause" });
  await say("two\n");
  await pause(200);
  assertEquals(linesOf(`${log}/main`), ["one"]);
  await run("svc", ["-c", log]);
  await waitFor(() => linesOf(`${log}/main`).length === 2, { what: "the second line" });
  for (const letter of ["-t", "-h", "-i", "-k"]) {
    const before = (await readServiceStatus(log)).nanoseconds;
    await run("svc", [letter, log]);
    await waitFor(async () => (await readServiceStatus(log)).nanoseconds !== before, {
      what: `the end after ${letter}`,
    });
    await waitForUp(log);
  }
  await say("three\n");
  await waitFor(() => linesOf(`${log}/main`).length === 3, { what: "the third line" });
  await run("svc", ["-d", log]);
  await waitFor(async () => (await pidOf(log)) === 0, { what: "the logger to be down" });
  await run("svc", ["-u", log]);
  await waitForUp(log);
  svscan.kill("SIGTERM");
  await svscan.status;
  assertEquals(linesOf(`${log}/main`), ["one", "two", "three"]);
});

hostTest("log-host says what cannot be had, and it is tried again", async () => {
  await using dir = await tempDir();
  const sd = await writeServices(dir, { a: { run: writer("a", 5) } });
  Deno.writeTextFileSync(`${sd}/a/log/main`, "in the way");
  await using svscan = start("svscan", [sd]);
  const message = `multilog: fatal: unable to open directory ${sd}/a/log/main: not a directory\n`;
  await svscan.waitForOutput(message + message);
  Deno.removeSync(`${sd}/a/log/main`);
  await waitForLines(`${sd}/a/log/main`, "a", 5);
  svscan.kill("SIGTERM");
  await svscan.status;
});

hostTest(
  "A log-host that is told to end loses nothing, and its streams go on in another",
  async () => {
    await using dir = await tempDir();
    const sd = await writeServices(dir, {
      a: { run: writer("a", 3000, 1) },
      b: { run: writer("b", 3000, 1) },
    });
    await using svscan = start("svscan", [sd]);
    await waitFor(() => linesOf(`${sd}/a/log/main`).length > 100, {
      what: "lines",
      timeoutMs: PATIENCE_MS,
    });
    for (let count = 0; count < 2; count++) {
      const pid = await waitForUp(`${sd}/a/log`);
      Deno.kill(pid, "SIGTERM");
      await waitFor(() => !isAlive(pid), { what: "the host to end" });
      await waitForUp(`${sd}/a/log`, pid);
    }
    for (const name of ["a", "b"]) await waitForLines(`${sd}/${name}/log/main`, name, 3000);
    svscan.kill("SIGTERM");
    await svscan.status;
  },
);

hostTest("A log-host that is killed loses no more than what it has just read", async () => {
  await using dir = await tempDir();
  const kills = 2;
  const sd = await writeServices(dir, {
    a: { run: `${writer("a", 3000, 1)}` },
    b: { run: `${writer("b", 3000, 1)}` },
  });
  await using svscan = start("svscan", [sd]);
  for (let count = 0; count < kills; count++) {
    await waitFor(() => linesOf(`${sd}/b/log/main`).length > 100 * (count + 1), {
      what: "lines",
      timeoutMs: PATIENCE_MS,
    });
    const pid = await waitForUp(`${sd}/b/log`);
    Deno.kill(pid, "SIGKILL");
    await waitForUp(`${sd}/b/log`, pid);
  }
  for (const name of ["a", "b"]) {
    const log = `${sd}/${name}/log/main`;
    await waitFor(() => linesOf(log).at(-1) === `${name} 3000`, {
      what: `the end of ${name}`,
      timeoutMs: PATIENCE_MS,
    });
    const numbers = linesOf(log).map((line) => Number(line.slice(2)));
    // In each kill there may be one read on its way: of 2 KiB where eight of 1 KiB were not enough.
    const lost = 3000 - numbers.length;
    assert(lost * "a 100\n".length <= kills * 2048, `${lost} lines are lost`);
    assertEquals(numbers, [...new Set(numbers)].sort((one, other) => one - other));
  }
  svscan.kill("SIGTERM");
  await svscan.status;
});

hostTest("log-host runs as the account of setuidgid, processors too", async () => {
  if (Deno.uid() !== 0) return;
  await using dir = await tempDir();
  const sd = await writeServices(dir, {
    a: {
      run: writer("a", 400),
      logRun: "exec setuidgid daemon multilog s4096 '!id -u; pwd; cat >/dev/null' ./main",
    },
    b: { run: writer("b", 4) },
  });
  Deno.chownSync(`${sd}/a/log`, 1, 1);
  await using svscan = start("svscan", [sd]);
  const [daemons, ours] = [await waitForUp(`${sd}/a/log`), await waitForUp(`${sd}/b/log`)];
  assert(isHost(daemons) && isHost(ours) && daemons !== ours);
  await waitFor(() => statusOf(daemons).get("Uid")?.trim() === "1\t1\t1\t1", {
    what: "the account",
    explain: () => statusOf(daemons).get("Uid") ?? "",
  });
  assertEquals(statusOf(daemons).get("Groups")?.trim(), "1");
  assertEquals(commandLineOf(daemons)[2], "daemon");
  const old = await waitFor(
    () => namesIn(`${sd}/a/log/main`).find((name) => name.endsWith(".s")) ?? false,
    { what: "a processed file" },
  );
  assertStringIncludes(Deno.readTextFileSync(`${sd}/a/log/main/${old}`), `1\n${sd}/a/log/main\n`);
  svscan.kill("SIGTERM");
  await svscan.status;
});

hostTest("log-host complains of an unknown account as setuidgid does", async () => {
  await using dir = await tempDir();
  const logRun = "exec setuidgid no-such-account multilog ./main";
  const sd = await writeServices(dir, { a: { run: writer("a", 1), logRun } });
  await using svscan = start("svscan", [sd]);
  await svscan.waitForOutput("setuidgid: fatal: unknown account no-such-account\n");
  svscan.kill("SIGTERM");
  await svscan.status;
});
