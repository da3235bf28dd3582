/** The bundle that the executable is made from: what may be in it, and that bugs can be found. */

import { assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { tempDir } from "../support/temp.ts";
import { isReference, ROOT, run, type RunResult } from "../support/tools.ts";

/** Puts the files into a directory and bundles its main.ts. */
async function bundle(root: string, files: Record<string, string>): Promise<RunResult> {
  for (const [path, text] of Object.entries(files)) {
    await Deno.mkdir(`${root}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeTextFile(`${root}/${path}`, text);
  }
  await Deno.mkdir(`${root}/to`);
  const script = '. scripts/lib/toolchain.sh; toolchain; find_bundler; cd "$2"; ' +
    'exec "$1" run --quiet --no-config --no-check --allow-all "$3" "$ESBUILD" to --no-config';
  const args = [Deno.execPath(), root, `${ROOT}/scripts/lib/bundle.ts`];
  return await run("/bin/sh", ["-euc", script, "sh", ...args], { cwd: ROOT, timeoutMs: 60_000 });
}

Deno.test({
  name: "a bundle of our modules is made; its bugs are told with names and lines of our source",
  ignore: isReference,
  fn: async () => {
    await using dir = await tempDir();
    const own = async (path: string) => [path, await Deno.readTextFile(`${ROOT}/${path}`)];
    const { code, stderr } = await bundle(dir.path, {
      "main.ts": 'import { describeBug } from "./src/suite/bug_report.ts";\n' +
        'const { fail } = await import("./src/late.ts");\n' +
        "try {\n  fail(0);\n} catch (error) {\n  console.log(describeBug(error));\n}\n",
      "src/late.ts": "/** A comment. */\n\nexport function fail(depth: number): void {\n" +
        '  if (depth === 2) throw new Error("too deep");\n  fail(depth + 1);\n}\n',
      ...Object.fromEntries(
        await Promise.all(["src/suite/bug_report.ts", "src/base/source_map.ts"].map(own)),
      ),
    });
    assertEquals([code, stderr], [0, ""]);
    const args = ["run", "--no-config", "--allow-read", dir.join("to/bundle/main.js")];
    const { stdout } = await run(Deno.execPath(), args, { env: { NO_COLOR: "1" } });
    assertEquals(stdout.split("\n").slice(0, 5), [
      "Error: too deep",
      "    at fail (src/late.ts:4:26)",
      "    at fail (src/late.ts:5:3)",
      "    at fail (src/late.ts:5:3)",
      "    at main.ts:4:3",
    ]);
  },
});

Deno.test({
  name: "a bundle with anything but our modules and @std is refused",
  ignore: isReference,
  fn: async () => {
    await using dir = await tempDir();
    const { code, stderr } = await bundle(dir.path, {
      "main.ts": 'import "./tests/support.ts";\n',
      "tests/support.ts": "console.log();\n",
    });
    assertEquals(code, 1);
    assertStringIncludes(stderr, "tests/support.ts must not be in the executable");
  },
});

Deno.test({
  name: "the executable tells where in our source a bug came up",
  ignore: isReference,
  fn: async () => {
    // What the suite unpacks its scripts to: that it cannot be made is not foreseen.
    const env = { TMPDIR: "/nonexistent" };
    const { code, stderr } = await run(`${ROOT}/build/daemontools`, ["uninstall"], { env });
    assertEquals(code, 111);
    const place = /^ {4}at runInstallScript \((src\/suite\/\w+\.ts):(\d+):\d+\)$/m.exec(stderr);
    assertMatch(stderr, /^daemontools: fatal: this is a bug: /);
    const [, file = "", line = ""] = place ?? [];
    const source = await Deno.readTextFile(`${ROOT}/${file}`);
    assertStringIncludes(source.split("\n")[Number(line) - 1] ?? "", "makeTempDirSync");
  },
});
