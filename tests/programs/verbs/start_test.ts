/** daemontools start, stop, restart, once: they do it, wait until it is so, and say why not. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { existsSync } from "@std/fs/exists";
import { readServiceStatus, waitForDown, waitForUp, writeScript } from "../../support/service.ts";
import { run } from "../../support/tools.ts";
import { waitFor } from "../../support/wait.ts";
import { C_SVSCAN, hasC, LOGGER, startTree } from "../../support/verbs.ts";

const FAILING = "echo cannot open config\nexit 1";

Deno.test("start and stop wait until it is so", async () => {
  await using tree = await startTree({ web: { down: true }, mail: { down: true } });
  const started = await tree.verb(["start", "web", "mail"]);
  const [web, mail] = [await waitForUp(tree.join("web")), await waitForUp(tree.join("mail"))];
  assertEquals(started.stdout.split("\n").sort(), [
    "",
    `mail: up (pid ${mail})`,
    `web: up (pid ${web})`,
  ]);
  assertEquals([started.stderr, started.code], ["", 0]);
  const again = await tree.verb(["start", "web"]);
  assertEquals([again.stdout, again.code], [`web: up (pid ${web})\n`, 0]);
  const stopped = await tree.verb(["stop", "web"]);
  assertMatch(stopped.stdout, /^web: down( \(killed by SIGTERM\))?\n$/);
  assertEquals([stopped.stderr, stopped.code], ["", 0]);
  assertEquals((await readServiceStatus(tree.join("web"))).pid, 0);
});

Deno.test("start says why a service does not stay up, with the last line of its log", async () => {
  await using tree = await startTree({ broken: { down: true, run: FAILING, logRun: LOGGER } });
  await waitForUp(tree.join("broken/log"));
  const { stdout, stderr, code } = await tree.verb(["start", "broken"]);
  assertEquals([stdout, code], ["", 1]);
  assertMatch(
    stderr,
    /^broken: down: .+, three times; last line of its log: cannot open config\n$/,
  );
});

Deno.test("stop says that a service does not heed it when time is up", async () => {
  const deaf = "trap '' TERM\n: >ready\nwhile :; do sleep 1; done";
  await using tree = await startTree({ deaf: { run: deaf } });
  const pid = await waitForUp(tree.join("deaf"));
  await waitFor(() => existsSync(tree.join("deaf/ready")), { what: "the trap" });
  const { stderr, code } = await tree.verb(["stop", "-t", "0.3", "deaf"]);
  assertEquals(
    [stderr, code],
    [`deaf: still up (pid ${pid}): it was told to end and has not (time is up)\n`, 1],
  );
});

Deno.test("restart waits for another process, also of a paused service", async () => {
  await using tree = await startTree({ web: {} });
  const before = await waitForUp(tree.join("web"));
  await run("svc", ["-p", tree.join("web")]);
  const { stdout, code } = await tree.verb(["restart", "web"]);
  const after = await waitForUp(tree.join("web"));
  assert(after !== before);
  assertEquals([stdout, code], [`web: up (pid ${after})\n`, 0]);
});

Deno.test("restart --one-by-one stops at the first that fails", async () => {
  await using tree = await startTree({ a: {}, b: {}, c: {} });
  const pids = await Promise.all(["a", "b", "c"].map((name) => waitForUp(tree.join(name))));
  await writeScript(tree.join("b/run"), "exit 1");
  const { stdout, stderr, code } = await tree.verb(["restart", "--one-by-one", "a", "b", "c"]);
  assertEquals([stdout, code], [`a: up (pid ${await waitForUp(tree.join("a"))})\n`, 1]);
  assertMatch(stderr, /^b: down: .*three times\ndaemontools: left as they were: c\n$/);
  assertEquals(await waitForUp(tree.join("c")), pids[2]);
});

Deno.test("once starts a service that may end by itself", async () => {
  await using tree = await startTree({ job: { down: true, run: "exit 0" }, bad: { down: true } });
  const { stdout, code } = await tree.verb(["once", "job"]);
  assertMatch(stdout, /^job: down: /);
  assertEquals(code, 0);
});

Deno.test("--no-wait tells and does not wait", async () => {
  await using tree = await startTree({ web: {} });
  await waitForUp(tree.join("web"));
  const { stdout, code } = await tree.verb(["stop", "--no-wait", "web"]);
  assertEquals([stdout, code], ["web: told to end\n", 0]);
  await waitForDown(tree.join("web"));
});

Deno.test("reload and signal send signals, also those that svc has no letter for", async () => {
  const run = "trap 'echo hup' HUP; trap 'echo usr2' USR2\nwhile :; do sleep 0.01; done";
  await using tree = await startTree({ web: { run, logRun: LOGGER }, off: { down: true } });
  await waitForUp(tree.join("web"));
  await tree.verb(["wait", "up", "web/log"]);
  assertEquals((await tree.verb(["reload", "web"])).stdout, "web: sent SIGHUP\n");
  assertEquals((await tree.verb(["signal", "usr2", "web"])).stdout, "web: sent SIGUSR2\n");
  const off = await tree.verb(["reload", "off"]);
  assertEquals([off.stderr, off.code], ["off: down: nothing to reload\n", 1]);
  assertEquals((await tree.verb(["signal", "NOSUCH", "web"])).code, 100);
  assertEquals((await tree.verb(["signal"])).code, 100);
});

Deno.test("what cannot be controlled is said in one line", async () => {
  await using tree = await startTree({ web: {} });
  tree.svscan.kill("SIGTERM");
  await tree.svscan.status;
  const gone = await tree.verb(["start", "web"]);
  assertEquals([gone.stderr, gone.code], ["web: not supervised\n", 1]);
  const none = await tree.verb(["stop", "wbe"]);
  assertMatch(none.stderr, /^daemontools: wbe: there is no such service in .* mean web\?\)\n$/);
  assertEquals([none.code, (await tree.verb(["stop"])).code], [1, 100]);
});

Deno.test({
  name: "start, stop and restart work on services of C's supervise",
  ignore: !hasC,
  async fn() {
    await using tree = await startTree(
      { web: {}, broken: { down: true, run: "exit 1" } },
      C_SVSCAN,
    );
    await waitForUp(tree.join("web"));
    assertEquals((await tree.verb(["restart", "web"])).code, 0);
    assertEquals((await tree.verb(["stop", "web"])).stdout, "web: down\n");
    const broken = await tree.verb(["start", "broken"]);
    assertMatch(broken.stderr, /^broken: down: ended( after [\d.]+s)?, three times\n$/);
  },
});
