/** scripts/bench.sh: its tables, and what it leaves behind. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { namesIn, tempDir } from "../support/temp.ts";
import { isReference, ROOT, run, start } from "../support/tools.ts";
import { Table } from "../../scripts/bench/lib/table.ts";

const BENCH = `${ROOT}/scripts/bench.sh`;

Deno.test({
  name: "bench.sh names what it can measure",
  ignore: isReference,
  fn: async () => {
    const { code, stdout, stderr } = await run("/bin/sh", [BENCH, "nothing"]);
    assertEquals([code, stdout], [100, ""]);
    for (const { name, isFile } of Deno.readDirSync(`${ROOT}/scripts/bench`)) {
      if (isFile) assertStringIncludes(stderr, `\n  ${name.replace(".ts", "")}\n`);
    }
  },
});

Deno.test({
  name: "bench.sh prints a table, and leaves nothing behind",
  ignore: isReference,
  fn: async () => {
    await using dir = await tempDir();
    const env = { TMPDIR: dir.path };
    const { code, stdout, stderr } = await run("/bin/sh", [BENCH, "chain", "1"], {
      env,
      timeoutMs: 300_000,
    });
    assertEquals(code, 0, stderr);
    assertMatch(stdout, /^\| a start, ms \| ours \|.*\n\|---\|---:\|/m);
    assertMatch(stdout, /^\| envdir and setuidgid \| \d+\.\d\d \|/m);
    assertEquals(namesIn(dir.path), []);
  },
});

Deno.test({
  name: "bench.sh cleans up when it is interrupted",
  ignore: isReference,
  fn: async () => {
    await using dir = await tempDir();
    await using bench = start("/bin/sh", [BENCH, "supervision", "2"], {
      env: { TMPDIR: dir.path },
    });
    await bench.waitForOutput("memory, MB, ours: ", 180_000);
    assertEquals(namesIn(dir.path).length, 1);
    bench.kill("SIGINT");
    assertEquals((await bench.status).code, 130);
    assertEquals(namesIn(dir.path), []);
  },
});

/** Starts steps of a benchmark; an argument says what they do. */
function startSteps(action: string, directory: string): ReturnType<typeof start> {
  const steps = `${ROOT}/tests/fixtures/bench_steps.ts`;
  const args = ["run", "--quiet", "--no-config", "--no-check", "--allow-all", steps, action];
  return start(Deno.execPath(), args, { env: { TMPDIR: directory } });
}

Deno.test({
  name: "a benchmark that is interrupted, and then once more, cleans up and begins nothing new",
  ignore: isReference,
  fn: async () => {
    await using dir = await tempDir();
    await using bench = startSteps("command", dir.path);
    await bench.waitForOutput("first\n");
    assertEquals(namesIn(dir.path).length, 2);
    bench.kill("SIGINT");
    bench.kill("SIGINT");
    assertEquals((await bench.status).code, 130);
    assertEquals(bench.stdout, "first\ncleaning up\n");
    assertEquals(namesIn(dir.path), []);
  },
});

Deno.test({
  name: "a benchmark that is interrupted does not go on while it cleans up",
  ignore: isReference,
  fn: async () => {
    await using dir = await tempDir();
    await using bench = startSteps("turns", dir.path);
    await bench.waitForOutput("turn\n", 60_000);
    bench.kill("SIGTERM");
    assertEquals((await bench.status).code, 130);
    assertMatch(bench.stdout, /^first\n(?:turn\n)+cleaning up\n$/);
    assertEquals(namesIn(dir.path), []);
  },
});

Deno.test({
  name: "a benchmark whose command hears first of an interrupt is interrupted, too",
  ignore: isReference,
  fn: async () => {
    await using dir = await tempDir();
    await using bench = startSteps("interrupted", dir.path);
    assertEquals((await bench.status).code, 130);
    assertEquals(bench.stdout, "first\ncleaning up\n");
    assertEquals(namesIn(dir.path), []);
  },
});

Deno.test("Table adds nothing for what was not measured", () => {
  const table = new Table("what", (values) => values[0]!);
  table.add("row", "ours", 2);
  table.add("row", "daemontools", 3);
  table.add("other", "ours", 1, 0);
  assertEquals(table.lines(), [
    "| what | ours | daemontools | daemontools / ours |",
    "|---|---:|---:|---:|",
    "| row | 2.0 | 3.0 | 1.50 |",
    "| other | 1 | - | - |",
  ]);
});

Deno.test("Table says why others have less, and nothing where they do not", () => {
  const table = new Table("what", (values) => values[0]!, { start: "it is a runtime" });
  for (
    const [row, ours, theirs] of [["start 1", 3, 2], ["start 2", 2, 3], ["else", 3, 2]] as const
  ) {
    table.add(row, "ours", ours, 0);
    table.add(row, "daemontools", theirs, 0);
  }
  assertEquals(table.lines(), [
    "| what | ours | daemontools | daemontools / ours | why more |",
    "|---|---:|---:|---:|---|",
    "| start 1 | 3 | 2 | 0.67 | it is a runtime |",
    "| start 2 | 2 | 3 | 1.50 |  |",
    "| else | 3 | 2 | 0.67 |  |",
  ]);
});
