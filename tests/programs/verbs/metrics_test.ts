/** daemontools metrics and events, on real services. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { waitForUp, writeService } from "../../support/service.ts";
import { watchesOf } from "../../support/processes.ts";
import { namesIn } from "../../support/temp.ts";
import { run } from "../../support/tools.ts";
import { waitFor } from "../../support/wait.ts";
import { C_SVSCAN, EXECUTABLE, hasC, LOGGER, startTree } from "../../support/verbs.ts";

/** Holds a text to the rules of OpenMetrics that a scraper trips over; returns its samples. */
function readOpenMetrics(text: string): Map<string, number> {
  const lines = text.split("\n");
  assertEquals(lines.slice(-2), ["# EOF", ""]);
  const samples = new Map<string, number>();
  let [family, type] = ["", ""];
  const seen = new Set<string>();
  for (const line of lines.slice(0, -2)) {
    const [, kind, name = "", rest = ""] = /^# (TYPE|UNIT|HELP) (\S+) (.+)$/.exec(line) ?? [];
    if (kind === "TYPE") {
      assert(!seen.has(name), `${name} is there twice`);
      seen.add(name);
      [family, type] = [name, rest];
    } else if (kind !== undefined) {
      assertEquals(name, family);
      if (kind === "UNIT") assert(name.endsWith(`_${rest}`), line);
    } else {
      const [, metric = "", value = ""] = /^([a-z_]+\{.*\}) (\S+)$/.exec(line) ?? [];
      const wanted = type === "counter" ? `${family}_total` : family;
      assertEquals(metric.split("{")[0], wanted, line);
      assert(Number.isFinite(Number(value)), line);
      samples.set(metric, Number(value));
    }
  }
  return samples;
}

Deno.test("metrics prints OpenMetrics of every service", async () => {
  const service = { run: "echo one; echo two\nexec sleep 1000000", logRun: LOGGER };
  await using tree = await startTree({ web: service, off: { down: true } });
  await waitForUp(tree.join("web"));
  await waitFor(async () => (await tree.verb(["log", "web"])).stdout.includes("two"), {
    what: "the log",
  });
  const { stdout, stderr, code } = await tree.verb(["metrics"]);
  assertEquals([stderr, code], ["", 0]);
  const samples = readOpenMetrics(stdout);
  const of = (name: string, service: string) =>
    samples.get(`daemontools_service_${name}{service="${service}"}`);
  const state = (service: string, state: string) =>
    samples.get(
      `daemontools_service_state{service="${service}",daemontools_service_state="${state}"}`,
    );
  assertEquals([of("up", "web"), of("up", "off"), of("up", "web/log")], [1, 0, 1]);
  assertEquals([state("web", "up"), state("web", "down"), state("off", "down")], [1, 0, 1]);
  assertEquals([of("log_current_lines", "web"), of("log_bytes", "web")], [2, 60]);
  assertEquals([of("log_current_bytes", "web"), of("log_files", "web")], [60, 1]);
  await run("svc", ["-a", tree.join("web/log")]);
  const isRotated = () => {
    const names = namesIn(tree.join("web/log/main"));
    return names.includes("current") && names.some((name) => name.startsWith("@"));
  };
  await waitFor(isRotated, { what: "the rotation" });
  const rotated = readOpenMetrics((await tree.verb(["metrics"])).stdout);
  const after = (name: string) => rotated.get(`daemontools_service_${name}{service="web"}`);
  assertEquals([after("log_current_lines"), after("log_current_bytes")], [0, 0]);
  assertEquals([after("log_bytes"), after("log_files")], [60, 2]);
  assert(of("memory_bytes", "web")! > 0, stdout);
  assertEquals(of("memory_bytes", "off"), undefined);
});

Deno.test("metrics --textfile writes the node exporter's format, and renames it into place", async () => {
  await using tree = await startTree({ web: {} });
  await waitForUp(tree.join("web"));
  Deno.mkdirSync(tree.beside("out"));
  const file = tree.beside("out/services.prom");
  const { stdout, code } = await tree.verb(["metrics", "--textfile", file]);
  assertEquals([stdout, code, namesIn(tree.beside("out"))], ["", 0, ["services.prom"]]);
  const text = await Deno.readTextFile(file);
  assertMatch(text, /^# TYPE daemontools_service_cpu_seconds_total counter$/m);
  assertMatch(text, /^daemontools_service_state\{service="web",state="up"\} 1$/m);
  assert(!/# (EOF|UNIT)|stateset/.test(text), text);
  assertEquals((await tree.verb(["metrics", "--textfile", tree.beside("no/x")])).code, 111);
});

for (const svscan of ["svscan", ...hasC ? [C_SVSCAN] : []]) {
  Deno.test(`events tells starts, ends, new and removed services, with ${svscan}`, async () => {
    await using tree = await startTree({ web: { down: true } }, svscan);
    await using events = tree.startVerb(["events", "--json"]);
    const seen = () => events.stdout.split("\n").slice(0, -1).map((line) => JSON.parse(line));
    const waitForEvent = (service: string, event: string) =>
      waitFor(() => seen().find((each) => each.service === service && each.event === event), {
        what: `${event} of ${service}`,
        explain: () => events.stdout,
      });
    // The services' directory, the service's, and its supervise directory.
    await waitFor(() => watchesOf(events.pid) >= 3, { what: "events to watch" });
    await writeService(tree.beside("later"));
    Deno.symlinkSync(tree.beside("later"), tree.join("later"));
    assertEquals((await waitForEvent("later", "new")).version, 1);
    await waitForEvent("later", "supervised");
    await run("svc", ["-u", tree.join("web")]);
    const pid = await waitForUp(tree.join("web"));
    assertEquals((await waitForEvent("web", "start")).pid, pid);
    await run("svc", ["-d", tree.join("web")]);
    assertEquals((await waitForEvent("web", "exit")).pid, pid);
    Deno.removeSync(tree.join("later"));
    await waitForEvent("later", "removed");
  });
}

for (const svscan of ["svscan", ...hasC ? [C_SVSCAN] : []]) {
  Deno.test(`events tells how removed services end, with ${svscan}`, async () => {
    await using tree = await startTree({ own: {} }, svscan);
    await writeService(tree.beside("linked"));
    assertEquals((await tree.verb(["add", tree.beside("linked")])).code, 0);
    await using events = tree.startVerb(["events"]);
    await waitFor(() => watchesOf(events.pid) >= 5, { what: "events to watch" });
    assertEquals((await tree.verb(["remove", "own", "linked"])).code, 0);
    for (const name of ["own", "linked"]) {
      await waitFor(
        () => new RegExp(` ${name} removed\\n[^]* ${name} exit pid=\\d+.*\\n`).test(events.stdout),
        { what: `the end of ${name}`, explain: () => events.stdout },
      );
    }
  });
}

Deno.test("events ends when nobody reads it any more", async () => {
  await using tree = await startTree({ web: { run: "exit 1" } });
  const { stdout } = await run("/bin/sh", ["-c", '"$0" events -C "$1" | head -n 1', ...[
    EXECUTABLE,
    tree.path,
  ]]);
  assertMatch(stdout, /^\d{4}-\d\d-\d\d [\d:.]+ web (start|exit) pid=\d+.*\n$/);
});

Deno.test("events says which names nobody has, and ends when none is left", async () => {
  await using tree = await startTree({ web: {} });
  const { stdout, stderr, code } = await tree.verb(["events", "wbe"]);
  assertEquals([stdout, code], ["", 1]);
  assertMatch(stderr, /^daemontools: wbe: there is no such service in .* mean web\?\)\n$/);
});
