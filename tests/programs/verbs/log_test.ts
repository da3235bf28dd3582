/** daemontools log, on real services with real multilogs. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { waitForUp, writeService } from "../../support/service.ts";
import { run } from "../../support/tools.ts";
import { waitFor } from "../../support/wait.ts";
import { C_SVSCAN, hasC, LOGGER, startTree, type Tree } from "../../support/verbs.ts";

/** Writes the file `lines` of its directory to its log, and then whatever is added to it. */
const COPIER = "exec tail -n +1 -f lines";

async function add(tree: Tree, name: string, text: string): Promise<void> {
  await Deno.writeTextFile(tree.join(`${name}/lines`), text, { append: true });
}

const numbers = (from: number, to: number): string =>
  Array.from({ length: to - from + 1 }, (_, index) => `${from + index}\n`).join("");

async function waitForLine(tree: Tree, name: string, text: string): Promise<void> {
  await waitFor(async () => (await tree.verb(["log", "-n", "all", name])).stdout.includes(text), {
    what: `"${text}" in the log of ${name}`,
  });
}

Deno.test("log shows the last lines of a service, rotated files included", async () => {
  const files = { lines: numbers(1, 1000) };
  await using tree = await startTree({ web: { run: COPIER, logRun: LOGGER, files } });
  await waitForLine(tree, "web", " 1000\n");
  assert([...Deno.readDirSync(tree.join("web/log/main"))].some(({ name }) => name.endsWith(".s")));
  const { stdout, stderr, code } = await tree.verb(["log", "web"]);
  assertEquals([stderr, code], ["", 0]);
  const lines = stdout.trimEnd().split("\n");
  assertEquals(lines.map((line) => line.slice(24)), numbers(981, 1000).trimEnd().split("\n"));
  assertMatch(lines[0]!, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} 981$/);
  const all = await tree.verb(["log", "-n", "all", "web"]);
  assertEquals(all.stdout.split("\n").map((line) => line.slice(24)).join("\n"), numbers(1, 1000));
  const utc = await tree.verb(["log", "--utc", "-n", "1", "web/log"]);
  assertMatch(utc.stdout, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}Z 1000\n$/);
  const raw = await tree.verb(["log", "--raw", "-n", "1", "web"]);
  assertMatch(raw.stdout, /^@[0-9a-f]{24} 1000\n$/);
});

Deno.test("log picks lines by text and time, also from compressed files", async () => {
  const files = { lines: numbers(1, 1000) };
  const logRun = "exec multilog t s4096 n99 gzip=yes ./main";
  await using tree = await startTree({ web: { run: COPIER, logRun, files } });
  const compressed = () =>
    [...Deno.readDirSync(tree.join("web/log/main"))].filter(({ name }) => name.endsWith(".gz"));
  await waitFor(() => compressed().length >= 5, { what: "compressed files" });
  await waitForLine(tree, "web", " 1000\n");
  const grep = await tree.verb(["log", "--grep", "77", "web"]);
  const found = grep.stdout.trimEnd().split("\n").map((line) => Number(line.slice(24)));
  assertEquals(found, [77, 177, 277, 377, 477, 577, 677, ...range(770, 779), 877, 977]);
  assertEquals((await tree.verb(["log", "--since", "1h", "web"])).stdout.split("\n").length, 1001);
  assertEquals((await tree.verb(["log", "--since", "2999-01-01", "web"])).stdout, "");
  assertEquals((await tree.verb(["log", "--since", "sometime", "web"])).code, 100);
});

const range = (from: number, to: number): number[] =>
  numbers(from, to).trimEnd().split("\n").map(Number);

Deno.test("log merges services in order of time, each line with its service's name", async () => {
  const service = { run: COPIER, logRun: LOGGER, files: { lines: "" } };
  await using tree = await startTree({ a: service, long: service });
  await waitForUp(tree.join("a"));
  for (const [name, line] of [["a", "1"], ["long", "2"], ["a", "3"], ["long", "4"]] as const) {
    await add(tree, name, `${line}\n`);
    await waitForLine(tree, name, ` ${line}\n`);
  }
  const { stdout } = await tree.verb(["log"]);
  assertEquals(
    stdout.trimEnd().split("\n").map((line) => line.slice(24)),
    ["a    1", "long 2", "a    3", "long 4"],
  );
  assertEquals((await tree.verb(["log", "-n", "2", "*"])).stdout.split("\n").length, 3);
});

for (const svscan of ["svscan", ...hasC ? [C_SVSCAN] : []]) {
  Deno.test(`log -f loses and repeats no line through rotations, with ${svscan}`, async () => {
    const files = { lines: numbers(1, 100) };
    const logRun = "exec multilog t s4096 n2000 ./main";
    await using tree = await startTree({ web: { run: COPIER, logRun, files } }, svscan);
    await waitForLine(tree, "web", " 100\n");
    await using following = tree.startVerb(["log", "-f", "-n", "all", "web"]);
    for (let from = 101; from < 20_000; from += 1000) {
      await add(tree, "web", numbers(from, from + 999));
      if (from % 5000 === 101) await following.waitForOutput(` ${from + 999}\n`);
    }
    await following.waitForOutput(" 20100\n");
    const shown = following.stdout.trimEnd().split("\n").map((line) => Number(line.slice(24)));
    const wrong = shown.findIndex((number, index) => number !== index + 1);
    const around = shown.slice(Math.max(0, wrong - 3), wrong + 5);
    assertEquals([wrong, shown.length], [-1, 20_100], `around the first that is wrong: ${around}`);
  });
}

Deno.test("log -f goes on when multilog is restarted, and picks up services that come", async () => {
  const service = { run: COPIER, logRun: LOGGER, files: { lines: "first\n" } };
  await using tree = await startTree({ web: service });
  await waitForLine(tree, "web", "first\n");
  await using following = tree.startVerb(["log", "-f"]);
  await following.waitForOutput("first\n");
  await run("svc", ["-k", tree.join("web/log")]);
  await add(tree, "web", "second\n");
  await following.waitForOutput("second\n");
  await writeService(tree.beside("later"), { ...service, files: { lines: "third\n" } });
  await Deno.symlink(tree.beside("later"), tree.join("later"));
  await following.waitForOutput("later third\n");
  assertEquals(following.stdout.split("\n").length, 4, following.stdout);
});

Deno.test("log says what has no log", async () => {
  await using tree = await startTree({ web: {} });
  const { stdout, stderr, code } = await tree.verb(["log", "web"]);
  assertEquals([stdout, stderr, code], ["", "daemontools: web: has no log\n", 1]);
  assertEquals((await tree.verb(["log", "wbe"])).code, 1);
});
