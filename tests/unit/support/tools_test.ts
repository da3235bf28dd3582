import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { ensureDir } from "@std/fs/ensure-dir";
import { isAlive } from "../../support/processes.ts";
import { tempDir } from "../../support/temp.ts";
import { run, start } from "../../support/tools.ts";
import { waitFor } from "../../support/wait.ts";

Deno.test("run() gives exit code, output and input", async () => {
  const result = await run("/bin/sh", ["-c", "cat; echo bad >&2; exit 3"], { stdin: "in" });
  assertEquals([result.code, result.stdout, result.stderr], [3, "in", "bad\n"]);
  assertEquals(result.stdoutBytes, new TextEncoder().encode("in"));
});

Deno.test("run() does not mind a program that reads nothing", async () => {
  assertEquals((await run("/bin/true", [], { stdin: "x".repeat(1_000_000) })).code, 0);
});

Deno.test("run() tells which signal ended a program", async () => {
  assertEquals((await run("/bin/sh", ["-c", "kill -TERM $$"])).signal, "SIGTERM");
});

Deno.test("run() with clearEnv gives the variables of env and no other", async () => {
  const { stdout } = await run("/usr/bin/env", [], { clearEnv: true, env: { A: "b" } });
  assertEquals(stdout, "A=b\n");
});

Deno.test("run() gives up on a program and on what it left behind", async () => {
  const error = await assertRejects(
    () => run("/bin/sh", ["-c", "sleep 1000 & exit"], { timeoutMs: 100 }),
    Error,
  );
  assertStringIncludes(error.message, "took over 0.1 s");
});

Deno.test("start() ends a program and all that came from it", async () => {
  await using dir = await tempDir();
  const file = dir.join("pid");
  let pids: number[] = [];
  {
    const script = `setsid sh -c 'trap "" TERM; echo $$ >${file}; echo up; sleep 1000; :' & wait`;
    await using program = start("/bin/sh", ["-c", script]);
    await program.waitForOutput("up");
    pids = [program.pid, Number(await Deno.readTextFile(file))];
    assert(pids.every(isAlive));
  }
  assert(!pids.some(isAlive));
});

Deno.test("start() passes input on and collects output", async () => {
  await using program = start("/bin/cat");
  await program.write("one\n");
  await program.waitForOutput("one");
  await program.closeStdin();
  assertEquals((await program.status).code, 0);
  assert(program.ended);
});

Deno.test("waitFor() says what it waited for, and why it was in vain", async () => {
  const error = await assertRejects(
    () => waitFor(() => false, { what: "Godot", timeoutMs: 20, explain: () => "no show" }),
    Error,
  );
  assertEquals(error.message, "waited 0.02 s for Godot\nno show");
});

Deno.test("waitFor() takes an error for not yet, and keeps the last as the cause", async () => {
  let calls = 0;
  const value = await waitFor(() => {
    if (++calls < 3) throw new Error("early");
    return calls;
  }, { what: "the third call" });
  assertEquals(value, 3);
  const error = await assertRejects(
    () =>
      waitFor(() => {
        throw new Error("never");
      }, { what: "it", timeoutMs: 1 }),
    Error,
  );
  assertEquals((error.cause as Error).message, "never");
});

Deno.test("tempDir() goes away with what it holds", async () => {
  let path = "";
  {
    await using dir = await tempDir();
    path = dir.path;
    await ensureDir(dir.join("a/b"));
  }
  await assertRejects(() => Deno.stat(path), Deno.errors.NotFound);
});
