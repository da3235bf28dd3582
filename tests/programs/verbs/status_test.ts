/** daemontools status, on real services. Not tested: colours, a terminal's width (in unit tests). */

import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { waitForDown, waitForUp } from "../../support/service.ts";
import { run } from "../../support/tools.ts";
import { waitFor } from "../../support/wait.ts";
import { C_SVSCAN, hasC, LOGGER, startTree, type Tree } from "../../support/verbs.ts";

const TALKER = "echo one; echo two\nexec sleep 1000000";

async function json(tree: Tree, ...names: string[]) {
  const { stdout } = await tree.verb(["status", "--json", ...names]);
  return JSON.parse(stdout).services;
}

Deno.test("status shows a table, and by its exit code whether all is as wanted", async () => {
  await using tree = await startTree({
    web: { run: TALKER, logRun: LOGGER },
    off: { down: true },
  });
  const pid = await waitForUp(tree.join("web"));
  await waitForUp(tree.join("web/log"));
  const { stdout, stderr, code } = await tree.verb(["status"]);
  assertEquals([stderr, code], ["", 0]);
  const [heading, off, web, ...others] = stdout.trimEnd().split("\n");
  assertMatch(heading!, /^NAME +STATE +PID +TIME +RST +CPU +MEM +LAST END +LOG$/);
  assertMatch(off!, /^off +down +- /);
  assertMatch(web!, new RegExp(`^web +up +${pid} +\\d.* (up|hosted)$`));
  assertEquals(others, []);
  // What is stopped by hand, though it is normally up, is as it is wanted.
  await run("svc", ["-d", tree.join("web")]);
  await waitForDown(tree.join("web"));
  assertEquals((await tree.verb(["status"])).code, 0);
  await run("svc", ["-p", tree.join("web/log")]);
  await waitFor(async () => (await json(tree, "web"))[0].logger.state === "paused", {
    what: "the logger to be paused",
  });
  assertEquals((await tree.verb(["status"])).code, 3);
});

Deno.test("status of one NAME tells everything, with the last lines of its log", async () => {
  await using tree = await startTree({ web: { run: TALKER, logRun: LOGGER } });
  await waitForUp(tree.join("web"));
  const { stdout } = await waitFor(async () => {
    const result = await tree.verb(["status", "web"]);
    return result.stdout.includes(" two") && result;
  }, { what: "the log to be shown" });
  assertStringIncludes(stdout, `web (${tree.join("web")})`);
  assertMatch(stdout, /State: up for \d+s, since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d\n/);
  assertMatch(stdout, /Wanted: up, normally up\n/);
  assertMatch(stdout, /Process: pid \d+.*, memory [\d.]+[KM], processor time/);
  assertMatch(stdout, /\n\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} one\n.* two\n$/);
});

Deno.test("status --json is versioned, one object per service", async () => {
  await using tree = await startTree({ web: { logRun: LOGGER }, off: { down: true } });
  const pid = await waitForUp(tree.join("web"));
  const { stdout } = await tree.verb(["status", "--json"]);
  const { version, services } = JSON.parse(stdout);
  assertEquals(version, 1);
  assertEquals(services.map((each: { name: string }) => each.name), ["off", "web"]);
  const [off, web] = services;
  assertEquals(
    [web.path, web.state, web.pid, web.want, web.normallyUp, web.asWanted],
    [tree.join("web"), "up", pid, "up", true, true],
  );
  assertEquals([off.state, off.pid, off.want, off.normallyUp, off.logger], [
    "down",
    null,
    "down",
    false,
    null,
  ]);
  assertEquals(web.logger.name, "web/log");
  assert(web.memoryBytes > 0 && web.processes === 1, stdout);
});

Deno.test("status takes names, patterns, paths and loggers", async () => {
  await using tree = await startTree({ web1: { logRun: LOGGER }, web2: {}, mail: {} });
  const names = async (...args: string[]) =>
    (await json(tree, ...args)).map((each: { name: string }) => each.name);
  assertEquals(await names("web*"), ["web1", "web2"]);
  assertEquals(await names("mail", "web[!1]", "mail"), ["mail", "web2"]);
  assertEquals(await names("web1/log"), ["web1/log"]);
  assertEquals(await names("*/log"), ["web1/log"]);
  assertEquals(await names(tree.join("mail")), [tree.join("mail")]);
});

Deno.test("status of an unknown name says which are close and where it looked", async () => {
  await using tree = await startTree({ hello: {}, help: {} });
  const { stdout, stderr, code } = await tree.verb(["status", "helo"]);
  assertEquals([stdout, code], ["", 4]);
  assertStringIncludes(stderr, `helo: there is no such service in ${tree.path} (did you mean hel`);
  assertEquals((await tree.verb(["status", "--jsno"])).code, 100);
});

Deno.test("status and stop tell an orphan from what is merely not supervised", async () => {
  await using tree = await startTree({ orphan: {}, gone: {} });
  await waitForUp(tree.join("orphan"));
  await run("svc", ["-d", tree.join("gone")]);
  await waitForDown(tree.join("gone"));
  tree.svscan.kill("SIGKILL");
  await tree.svscan.status;
  const { stdout, code } = await tree.verb(["status"]);
  assertEquals(code, 4);
  assertMatch(stdout, /^gone +not supervised/m);
  assertMatch(stdout, /^orphan +orphaned +\d+/m);
  const stopped = await tree.verb(["stop", "orphan", "gone"]);
  assertEquals([stopped.stdout, stopped.code], ["", 1]);
  assertMatch(stopped.stderr, /^orphan: orphaned \(pid \d+\): its supervisor is gone$/m);
  assertMatch(stopped.stderr, /^gone: not supervised$/m);
});

Deno.test({
  name: "status works for services of C's supervise, and says what it cannot know",
  ignore: !hasC,
  async fn() {
    await using tree = await startTree({ web: { logRun: LOGGER } }, C_SVSCAN);
    const pid = await waitForUp(tree.join("web"));
    const [web] = await json(tree, "web");
    assertEquals(
      [web.state, web.pid, web.restartsLastHour, web.lastExit],
      ["up", pid, null, null],
    );
    const { stdout } = await tree.verb(["status"]);
    assertMatch(stdout, new RegExp(`^web +up +${pid} +\\d+s +\\? `, "m"));
  },
});
