/** setlock: the lock, waiting for it, and who holds it. What the program sees is in chain_test. */

import { assertEquals } from "@std/assert";
import { writeExecutable } from "../support/executable.ts";
import { processInfo } from "../support/processes.ts";
import { tempDir } from "../support/temp.ts";
import { isReference, run, start, TOOLS_DIR } from "../support/tools.ts";
import { waitFor } from "../support/wait.ts";

/** Starts what holds the lock until its input ends. */
async function hold(cwd: string) {
  const holder = start("setlock", ["lock", "/bin/sh", "-c", "echo held; cat"], { cwd });
  await holder.waitForOutput("held");
  return holder;
}

Deno.test("setlock -n gives up on a lock that is held", async () => {
  await using dir = await tempDir();
  const cwd = dir.path;
  await using _holder = await hold(cwd);
  const { code, stderr } = await run("setlock", ["-n", "lock", "true"], { cwd });
  assertEquals([code, stderr], [111, "setlock: fatal: unable to lock lock: temporary failure\n"]);
  const silent = await run("setlock", ["-nx", "lock", "true"], { cwd });
  assertEquals([silent.code, silent.stderr], [0, ""]);
});

Deno.test("setlock goes by the last of -n and -N, of -x and -X", async () => {
  await using dir = await tempDir();
  const cwd = dir.path;
  for (const [options, code] of [["-xX", 111], ["-Xx", 0]] as const) {
    assertEquals((await run("setlock", [options, "no/lock", "true"], { cwd })).code, code);
  }
  await using _holder = await hold(cwd);
  assertEquals((await run("setlock", ["-Nn", "lock", "true"], { cwd })).code, 111);
});

Deno.test("setlock -x does not hide that the program cannot be run", async () => {
  await using dir = await tempDir();
  const { code, stderr } = await run("setlock", ["-x", "lock", "./no"], { cwd: dir.path });
  assertEquals([code, stderr], [
    111,
    "setlock: fatal: unable to run ./no: file does not exist\n",
  ]);
});

Deno.test("setlock waits, runs the program when its turn comes, and a signal ends the wait", async () => {
  await using dir = await tempDir();
  const cwd = dir.path;
  await using holder = await hold(cwd);
  await using waiter = start("setlock", ["lock", "/bin/echo", "my turn"], { cwd });
  await using killed = start("setlock", ["lock", "/bin/echo", "never"], { cwd });
  for (const { pid } of [waiter, killed]) {
    await waitFor(() => waitsForLock(pid), { what: "waiting" });
  }
  killed.kill("SIGTERM");
  assertEquals((await killed.status).signal, "SIGTERM");
  assertEquals(waiter.stdout, "");
  await holder.closeStdin();
  assertEquals((await waiter.status).code, 0);
  await waiter.waitForOutput("my turn\n");
  assertEquals(killed.stdout, "");
});

/** Whether a line of /proc/locks tells that a process waits: `12: -> FLOCK … PID …`. */
function waitsForLock(pid: number): boolean {
  const locks = Deno.readTextFileSync("/proc/locks");
  return processInfo(pid) !== undefined && new RegExp(`-> FLOCK.* ${pid} `).test(locks);
}

Deno.test("setlock leaves the lock to descendants", async () => {
  await using dir = await tempDir();
  const cwd = dir.path;
  await using outer = start("/bin/sh", ["-c", "setlock lock sh -c 'sleep 1000 & echo $!'"], {
    cwd,
  });
  await outer.waitForOutput("\n");
  assertEquals((await run("setlock", ["-n", "lock", "true"], { cwd })).code, 111);
  Deno.kill(Number(outer.stdout), "SIGKILL");
  await waitFor(async () => (await run("setlock", ["-n", "lock", "true"], { cwd })).code === 0, {
    what: "the lock to be free",
  });
});

Deno.test("setlock makes the file for its owner only, and keeps what is in it", async () => {
  await using dir = await tempDir();
  const cwd = dir.path;
  await run("setlock", ["new", "true"], { cwd });
  assertEquals((await Deno.stat(dir.join("new"))).mode! & 0o7777, 0o600);
  await Deno.writeTextFile(dir.join("old"), "kept");
  await run("setlock", ["old", "true"], { cwd });
  assertEquals(await Deno.readTextFile(dir.join("old")), "kept");
});

Deno.test({
  name: "a chain names the interpreter that is missing, wherever the script was found",
  // The C program only says that the file does not exist.
  ignore: isReference,
  async fn() {
    await using dir = await tempDir();
    await writeExecutable(dir.join("script"), "#!/bin/sh\r\n");
    const reason = "no interpreter /bin/sh\\r (line 1 ends in a carriage return)";
    for (const name of ["./script", "script"]) {
      const env = { PATH: `${TOOLS_DIR}:/nowhere:${dir.path}` };
      const { code, stderr } = await run("setlock", ["l", name], { cwd: dir.path, env });
      const message = `setlock: fatal: unable to run ${name}: ${reason}: file does not exist\n`;
      assertEquals([code, stderr], [111, message]);
    }
  },
});
