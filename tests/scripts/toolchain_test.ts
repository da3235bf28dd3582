/** What scripts/build.sh says when it cannot find what it builds with. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { ensureDir } from "@std/fs/ensure-dir";
import { existsSync } from "@std/fs/exists";
import { writeExecutable } from "../support/executable.ts";
import { type TempDir, tempDir } from "../support/temp.ts";
import { isReference, ROOT, run, type RunResult } from "../support/tools.ts";

/** Not to be found in a test, wherever they are. */
const HIDDEN = ["deno", "npm"];

function test(name: string, fn: (dir: TempDir) => Promise<void>): void {
  Deno.test({
    name,
    ignore: isReference,
    fn: async () => {
      await using dir = await tempDir();
      await ensureDir(dir.join("bin"));
      for (const entry of Deno.readDirSync("/usr/bin")) {
        const path = dir.join(`bin/${entry.name}`);
        if (!HIDDEN.includes(entry.name)) await Deno.symlink(`/usr/bin/${entry.name}`, path);
      }
      await fn(dir);
    },
  });
}

async function addProgram(dir: TempDir, name: string, script: string): Promise<void> {
  await writeExecutable(dir.join(`bin/${name}`), `#!/bin/sh\n${script}\n`);
}

/** Builds with the programs of `bin` and an empty toolchain. */
async function build(dir: TempDir, env: Record<string, string> = {}): Promise<RunResult> {
  const options = {
    env: { DAEMONTOOLS_TOOLCHAIN: dir.join("toolchain"), PATH: dir.join("bin"), ...env },
    clearEnv: true,
  };
  return await run("/bin/sh", [`${ROOT}/scripts/build.sh`], options);
}

test("build.sh says that there is neither npm nor Deno", async (dir) => {
  const { code, stderr } = await build(dir);
  assertEquals(code, 1);
  const reason = "there is no npm, and no Deno (2.4 or later) that can compile";
  assertStringIncludes(stderr, `build.sh: fatal: ${reason}`);
});

test("build.sh passes on why npm could not fetch", async (dir) => {
  const said = "npm error code ENOTFOUND\\nnpm error network no such host: registry.test\\n";
  await addProgram(dir, "npm", `printf '${said}' >&2; exit 1`);
  const { code, stderr } = await build(dir);
  assertEquals(code, 1);
  assertStringIncludes(stderr, "cannot be fetched: code ENOTFOUND network no such host: registry");
});

test("build.sh passes on why npm could not even start", async (dir) => {
  const said =
    "node:internal:1\\n  throw err;\\n\\nError: Cannot find module 'color'\\n  at main\\n";
  await addProgram(dir, "npm", `printf "${said}" >&2; exit 7`);
  const { stderr } = await build(dir);
  assertStringIncludes(stderr, "cannot be fetched: Error: Cannot find module 'color'");
});

test("build.sh refuses a package with other contents", async (dir) => {
  await addProgram(dir, "npm", "echo other >package.tgz");
  const { code, stderr } = await build(dir);
  assertEquals(code, 1);
  assertStringIncludes(stderr, "is refused: it has not the expected contents");
});

test("build.sh names what is wrong with $DENORT_BIN, and runs no text", async (dir) => {
  const script = dir.join("script");
  await writeExecutable(script, `echo ran >${dir.join("ran")}\n`);
  const reasons = {
    [script]: `${script} is not an ELF executable`,
    [dir.join("none")]: `there is no file ${dir.join("none")}`,
  };
  for (const [path, reason] of Object.entries(reasons)) {
    const { code, stderr } = await build(dir, { DENORT_BIN: path });
    assertEquals([code, stderr], [1, `build.sh: fatal: $DENORT_BIN: ${reason}\n`]);
  }
  assert(!existsSync(dir.join("ran")));
});

test("scripts find the repository whatever CDPATH says", async (dir) => {
  await ensureDir(dir.join("scripts"));
  const options = { cwd: ROOT, env: { CDPATH: dir.path } };
  const { code, stderr } = await run("/bin/sh", ["scripts/bench.sh"], options);
  assertEquals(code, 100);
  assertStringIncludes(stderr, "\n  supervision\n");
  for (const { name } of Deno.readDirSync(`${ROOT}/scripts`)) {
    if (!name.endsWith(".sh")) continue;
    const text = await Deno.readTextFile(`${ROOT}/scripts/${name}`);
    assert(!/^cd "\$\(dirname/m.test(text) || /^unset CDPATH\ncd /m.test(text), name);
  }
});
