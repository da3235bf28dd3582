/** What scripts/build.sh puts into an executable, and that bugs can be found in it. */

import { assertEquals, assertStringIncludes } from "@std/assert";
import { ensureDirSync } from "@std/fs/ensure-dir";
import { namesIn, tempDir } from "../support/temp.ts";
import { isReference, ROOT, run, type RunResult, start } from "../support/tools.ts";
import { waitFor } from "../support/wait.ts";

/** Builds a program of a few modules as ours is built, in a directory of its own. */
async function build(root: string, modules: Record<string, string>): Promise<RunResult> {
  const copying = await run("/bin/cp", ["-R", `${ROOT}/scripts`, `${ROOT}/deno.json`, root]);
  assertEquals([copying.code, copying.stderr], [0, ""]);
  for (const [path, text] of Object.entries(modules)) {
    ensureDirSync(`${root}/${path}`.replace(/\/[^/]*$/, ""));
    Deno.writeTextFileSync(`${root}/${path}`, text);
  }
  const toolchain = Deno.env.get("DAEMONTOOLS_TOOLCHAIN") ?? `${ROOT}/build/toolchain`;
  const env = { DAEMONTOOLS_TOOLCHAIN: toolchain };
  return await run("/bin/sh", [`${root}/scripts/build.sh`], { env, timeoutMs: 120_000 });
}

/** The files of the repository that building needs, and telling of a bug. */
const BUILDING = Object.fromEntries(
  ["suite/bug_report", "suite/carried", "base/invocation", "base/bytes", "base/source_map"]
    .map((name) => `src/${name}.ts`)
    .map((path) => [path, Deno.readTextFileSync(`${ROOT}/${path}`)]),
);

Deno.test({
  name: "an executable tells of a bug with the names and lines of our source",
  ignore: isReference,
  fn: async () => {
    await using dir = await tempDir();
    const { code, stderr } = await build(dir.path, {
      ...BUILDING,
      "main.ts": 'import { describeBug } from "./src/suite/bug_report.ts";\n' +
        // What the build asks an executable for.
        'if (Deno.args[0] === "--list") console.log("tool");\n' +
        'else import("./src/late.ts").then(({ fail }) => {\n  try {\n    fail(0);\n' +
        "  } catch (error) {\n    describeBug(error).then(console.log);\n  }\n});\n",
      "src/late.ts": "/** A comment. */\n\nexport function fail(depth: number): void {\n" +
        '  if (depth === 2) throw new Error("too deep");\n  fail(depth + 1);\n}\n',
    });
    assertEquals(code, 0, stderr);
    const { stdout } = await run(dir.join("build/daemontools"), []);
    assertEquals(stdout.trimEnd().split("\n"), [
      "Error: too deep",
      "    at fail (src/late.ts:4:26)",
      "    at fail (src/late.ts:5:3)",
      "    at fail (src/late.ts:5:3)",
      "    at main.ts:5:5",
    ]);
  },
});

Deno.test({
  name: "anything but our modules and @std is refused",
  ignore: isReference,
  fn: async () => {
    await using dir = await tempDir();
    const { code, stderr } = await build(dir.path, {
      ...BUILDING,
      "main.ts": 'import "./tests/support.ts";\n',
      "tests/support.ts": "console.log();\n",
    });
    assertEquals(code, 1);
    assertStringIncludes(stderr, "tests/support.ts must not be in the executable");
  },
});

Deno.test({
  name: "small programs have one thread",
  ignore: isReference,
  fn: async () => {
    await using dir = await tempDir();
    using lock = await Deno.open(dir.join("lock"), { create: true, write: true });
    await lock.lock(true);
    await using locking = start("setlock", [dir.join("lock"), "/bin/true"]);
    await using filter = start("tai64n", []);
    for (const { pid } of [locking, filter]) {
      const waits = () => /^State:\s+S/m.test(Deno.readTextFileSync(`/proc/${pid}/status`));
      await waitFor(() => namesIn(`/proc/${pid}/task`).length === 1 && waits(), {
        what: `one thread of process ${pid}, which waits`,
      });
    }
  },
});
