/** envdir: odd files and directories. What becomes of ordinary ones is in chain_test. */

import { assertEquals } from "@std/assert";
import { type TempDir, tempDir } from "../support/temp.ts";
import { run } from "../support/tools.ts";

async function environmentFrom(dir: TempDir, env: Record<string, string> = {}) {
  const options = { cwd: dir.path, env: { PATH: "/usr/bin:/bin", ...env }, clearEnv: true };
  const { code, stdout, stderr } = await run("envdir", ["e", "env", "-0"], options);
  const entries = stdout.split("\0").slice(0, -1).filter((entry) => !entry.startsWith("PATH="));
  return { code, stderr, entries };
}

async function withFiles(files: Record<string, string>): Promise<TempDir> {
  const dir = await tempDir();
  await Deno.mkdir(dir.join("e"));
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(dir.join(`e/${name}`), text);
  }
  return dir;
}

Deno.test("envdir refuses a directory among the files", async () => {
  await using dir = await withFiles({});
  await Deno.mkdir(dir.join("e/SUB"));
  const { code, stderr } = await environmentFrom(dir);
  assertEquals([code, stderr], [111, "envdir: fatal: unable to read e/SUB: is a directory\n"]);
});

Deno.test("envdir passes over names that begin with a dot", async () => {
  await using dir = await withFiles({ ".A": "x" });
  await Deno.mkdir(dir.join("e/.d"));
  assertEquals(await environmentFrom(dir), { code: 0, stderr: "", entries: [] });
});

Deno.test("envdir takes a FIFO without a writer for an empty file", async () => {
  await using dir = await withFiles({});
  await run("/usr/bin/mkfifo", [dir.join("e/FIFO")]);
  assertEquals((await environmentFrom(dir, { FIFO: "old" })).entries, []);
});

Deno.test("envdir says which link leads nowhere at all", async () => {
  await using dir = await withFiles({});
  await Deno.symlink("LOOP", dir.join("e/LOOP"));
  const { code, stderr } = await environmentFrom(dir);
  assertEquals([code, stderr], [111, "envdir: fatal: unable to read e/LOOP: symbolic link loop\n"]);
});

Deno.test("envdir takes names as they are", async () => {
  await using dir = await withFiles({ "A=B": "v", "C=D": "", "a b": "1", "é": "2" });
  const { entries } = await environmentFrom(dir);
  assertEquals(entries.sort(), ["A=B=v", "C=D", "a b=1", "é=2"]);
});

Deno.test("envdir refuses a file that only others may read", async () => {
  if (Deno.uid() === 0) return;
  await using dir = await withFiles({ SECRET: "x" });
  await Deno.chmod(dir.join("e/SECRET"), 0o000);
  const { code, stderr } = await environmentFrom(dir);
  assertEquals([code, stderr], [111, "envdir: fatal: unable to read e/SECRET: access denied\n"]);
});

Deno.test("envdir reads a megabyte for its first line", async () => {
  await using dir = await withFiles({ BIG: `first\n${"x".repeat(1_000_000)}` });
  assertEquals((await environmentFrom(dir)).entries, ["BIG=first"]);
});

Deno.test("envdir hands over no half of a directory", async () => {
  await using dir = await withFiles({ A: "1" });
  await Deno.symlink("Z", dir.join("e/Z"));
  const { code } = await run("envdir", ["e", "touch", "ran"], { cwd: dir.path });
  assertEquals(code, 111);
  assertEquals(await Deno.stat(dir.join("ran")).catch(() => "not run"), "not run");
});
