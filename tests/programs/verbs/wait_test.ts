/** daemontools wait: it is told by the kernel, and has s6-svwait's exit codes. */

import { assertEquals } from "@std/assert";
import { processInfo, watchesOf } from "../../support/processes.ts";
import { waitForUp } from "../../support/service.ts";
import { run } from "../../support/tools.ts";
import { C_SVSCAN, hasC, startTree } from "../../support/verbs.ts";
import { waitFor } from "../../support/wait.ts";

Deno.test("wait returns at once when it is so, and else as soon as it is", async () => {
  await using tree = await startTree({ web: {}, off: { down: true } });
  await waitForUp(tree.join("web"));
  assertEquals((await tree.verb(["wait", "up", "web"])).code, 0);
  assertEquals((await tree.verb(["wait", "down", "off"])).code, 0);
  assertEquals((await tree.verb(["wait", "finished", "off"])).code, 0);
  await using waiting = tree.startVerb(["wait", "up", "web", "off"]);
  await run("svc", ["-u", tree.join("off")]);
  assertEquals((await waiting.status).code, 0);
});

for (const svscan of ["svscan", ...hasC ? [C_SVSCAN] : []]) {
  Deno.test(`wait does not miss an end that a start follows at once, with ${svscan}`, async () => {
    await using tree = await startTree({ web: {} }, svscan);
    const pid = await waitForUp(tree.join("web"));
    await using waiting = tree.startVerb(["wait", "down", "-t", "60", "web"]);
    await using finished = tree.startVerb(["wait", "finished", "-t", "60", "web"]);
    for (const each of [waiting, finished]) {
      // It looks right after that, and sleeps then, for long.
      let sleeps = 0;
      await waitFor(() => {
        const isAsleep = watchesOf(each.pid) >= 3 && processInfo(each.pid)?.state === "S";
        sleeps = isAsleep ? sleeps + 1 : 0;
        return sleeps >= 10;
      }, { what: "it to watch" });
      each.kill("SIGSTOP");
    }
    // It looks when all is over.
    await run("svc", ["-t", tree.join("web")]);
    await waitForUp(tree.join("web"), pid);
    for (const each of [waiting, finished]) {
      each.kill("SIGCONT");
      assertEquals([(await each.status).code, each.stderr], [0, ""]);
    }
  });
}

Deno.test("wait gives up after a time, with 99", async () => {
  await using tree = await startTree({ web: {}, off: { down: true } });
  await waitForUp(tree.join("web"));
  const { stderr, code } = await tree.verb(["wait", "up", "-t", "0.2", "web", "off"]);
  assertEquals([stderr, code], ["daemontools: off: is down (time is up)\n", 99]);
  const any = await tree.verb(["wait", "up", "-t", "5", "--any", "off", "web"]);
  assertEquals([any.stderr, any.code], ["", 0]);
});

Deno.test("wait says that the supervisor has ended, with 102", async () => {
  await using tree = await startTree({ web: {} });
  await waitForUp(tree.join("web"));
  await using waiting = tree.startVerb(["wait", "down", "web"]);
  await waitFor(() => watchesOf(waiting.pid) >= 3, { what: "it to watch" });
  tree.svscan.kill("SIGKILL");
  assertEquals((await waiting.status).code, 102);
});

Deno.test("wait called wrongly is 100, for an unknown service 111", async () => {
  await using tree = await startTree({ web: {} });
  for (const args of [["wait"], ["wait", "sideways", "web"], ["wait", "up"]]) {
    assertEquals((await tree.verb(args)).code, 100);
  }
  assertEquals((await tree.verb(["wait", "up", "nosuch"])).code, 111);
});
