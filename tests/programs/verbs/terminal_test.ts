/** What verbs print on terminals: no line is wider, and the cursor moves only where it can. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { waitForUp } from "../../support/service.ts";
import { ROOT, run, start } from "../../support/tools.ts";
import { EXECUTABLE, startTree, type Tree } from "../../support/verbs.ts";

const NAMES = ["a", "a-service-of-some-other-department", "b", "c", "d"] as const;
const SCRIPT = "/usr/bin/script";
const DEAF = "trap '' TERM\nwhile :; do sleep 1; done";

/** Some services, one with a name that is wider than a narrow terminal. */
async function someServices(run = "exec sleep 1000000"): Promise<Tree> {
  const tree = await startTree(Object.fromEntries(NAMES.map((name) => [name, { run }])));
  for (const name of NAMES) await waitForUp(tree.join(name));
  return tree;
}

/** How to run a verb on a terminal of its own. */
function onTerminal({ path }: Tree, size: string, verb: string, env: Record<string, string> = {}) {
  // Whoever runs the tests may want no colours for themselves.
  const own = "NO_COLOR" in env ? "" : "unset NO_COLOR; ";
  const command = `${own}stty ${size}; exec "$EXECUTABLE" ${verb}`;
  return {
    args: ["-qec", command, "/dev/null"],
    options: { env: { TERM: "xterm", EXECUTABLE, DAEMONTOOLS_SERVICES: path, ...env } },
  };
}

/** Lines as they stand on a terminal, without colours; each time that one is written anew. */
function linesOf(output: string): string[] {
  // deno-lint-ignore no-control-regex
  return output.replace(/\x1b\[[\d;]*[A-Za-z]/g, "").split(/[\r\n]+/);
}

function widest(output: string): number {
  return Math.max(...linesOf(output).map((line) => [...line].length));
}

Deno.test("status fits terminals, and has colours only where these are wanted", async () => {
  await using tree = await someServices();
  const status = (size: string, env: Record<string, string> = {}) => {
    const { args, options } = onTerminal(tree, size, "status", env);
    return run(SCRIPT, args, options);
  };
  for (const columns of [80, 40, 20]) {
    const { stdout, code } = await status(`cols ${columns}`);
    assertEquals([code, widest(stdout) <= columns, linesOf(stdout).length], [0, true, 7], stdout);
    assertStringIncludes(stdout, "\x1b[32mup\x1b[0m");
  }
  for (const env of [{ NO_COLOR: "1" }, { TERM: "dumb" }]) {
    const { stdout } = await status("cols 80", env);
    assertStringIncludes(stdout, "\na ");
    assertEquals(stdout.includes("\x1b"), false);
  }
});

Deno.test("the help of every verb fits a terminal of 80 columns", async () => {
  const verbs = [...Deno.readDirSync(`${ROOT}/src/programs/verbs`)]
    .map(({ name }) => name.replace(/\.ts$/, ""));
  for (const verb of [...verbs, "install", "uninstall"]) {
    const { stdout, code } = await run(EXECUTABLE, [verb, "--help"]);
    assertEquals([code, stdout.split("\n").filter((line) => line.length > 80)], [0, []], verb);
    assertStringIncludes(stdout, verb);
  }
});

Deno.test("status --watch redraws in place, as much as there is room for", async () => {
  await using tree = await someServices();
  const { args, options } = onTerminal(tree, "cols 40 rows 5", "status --watch");
  await using watch = start(SCRIPT, args, options);
  await watch.waitForOutput("\x1b[J\x1b[H");
  const [first = ""] = watch.stdout.split("\x1b[J");
  assertEquals(linesOf(first).filter((line) => line !== "").length, 4);
  assertStringIncludes(first, "... and 3 more");
  assertEquals(widest(watch.stdout) <= 40, true, watch.stdout);
});

Deno.test("what is waited for takes one line, also of a narrow terminal", async () => {
  await using tree = await someServices(DEAF);
  const { args, options } = onTerminal(tree, "cols 40", `stop -t 1 ${NAMES.join(" ")}`);
  const { stdout } = await run(SCRIPT, args, options);
  const waiting = linesOf(stdout).filter((line) => line.includes("waiting for"));
  assertEquals(waiting.length > 0, true, stdout);
  assertEquals(waiting.filter((line) => [...line].length >= 40), []);
});
