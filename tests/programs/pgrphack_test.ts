/** pgrphack: the session that a program gets. All of the program's state is in chain_test. */

import { assertEquals } from "@std/assert";
import { run, start, tool } from "../support/tools.ts";

/** The shell's parent, group, session and terminal, as `/proc/PID/stat` has them. */
const STAT = 'read -r line </proc/$$/stat; echo "$$ ${line##*) }"';

function placeOf(stdout: string): Record<"pid" | "group" | "session" | "terminal", number> {
  const [pid = 0, , , group = 0, session = 0, terminal = 0] = stdout.split(" ").map(Number);
  return { pid, group, session, terminal };
}

Deno.test("pgrphack gives the program a session of its own, without a terminal", async () => {
  const { code, stdout } = await run("pgrphack", ["/bin/sh", "-c", STAT]);
  const { pid, ...place } = placeOf(stdout);
  assertEquals([code, place], [0, { group: pid, session: pid, terminal: 0 }]);
});

Deno.test("pgrphack gives up the terminal that it is called on", async () => {
  // As a child of the shell, which leads the session of the terminal.
  const command = `"$PGRPHACK" /bin/sh -c '${STAT}'; :`;
  const env = { PGRPHACK: tool("pgrphack") };
  const { stdout } = await run("/usr/bin/script", ["-qec", command, "/dev/null"], { env });
  const { pid, ...place } = placeOf(stdout);
  assertEquals(place, { group: pid, session: pid, terminal: 0 });
});

Deno.test("pgrphack keeps its process id", async () => {
  await using program = start("pgrphack", ["/bin/sh", "-c", "echo $$"]);
  await program.waitForOutput("\n");
  assertEquals(Number(program.stdout), program.pid);
});

Deno.test("pgrphack goes on where it leads its group already", async () => {
  const { code, stdout } = await run("/usr/bin/setsid", [tool("pgrphack"), "/bin/echo", "ran"]);
  assertEquals([code, stdout], [0, "ran\n"]);
});

Deno.test("pgrphack passes arguments and exit code on", async () => {
  const script = ["/bin/sh", "-c", 'printf "<%s>" "$@"; exit 7', "sh", "a b", "", "-x"];
  const { code, stdout } = await run("pgrphack", script);
  assertEquals([code, stdout], [7, "<a b><><-x>"]);
});

Deno.test("pgrphack says that the program cannot be run", async () => {
  const { code, stderr } = await run("pgrphack", ["/no/such"]);
  const reason = "pgrphack: fatal: unable to run /no/such: file does not exist\n";
  assertEquals([code, stderr], [111, reason]);
});

Deno.test("pgrphack without a program prints its usage", async () => {
  const { code, stderr } = await run("pgrphack");
  assertEquals([code, stderr], [100, "pgrphack: usage: pgrphack child\n"]);
});
