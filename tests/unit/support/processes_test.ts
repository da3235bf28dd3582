import { assert, assertEquals } from "@std/assert";
import {
  childrenOf,
  commandLineOf,
  descendantsOf,
  descriptorsOf,
  environmentOf,
  isAlive,
  pidsWithToken,
  processInfo,
  RUN_TOKEN,
  statusOf,
} from "../../support/processes.ts";
import { start } from "../../support/tools.ts";
import { waitFor } from "../../support/wait.ts";

Deno.test("processInfo() tells of ourselves, whatever the name", () => {
  const info = processInfo(Deno.pid);
  assertEquals(info?.pid, Deno.pid);
  assertEquals(info?.parentPid, Deno.ppid);
  assert((info?.startTicks ?? 0) > 0);
});

Deno.test("processInfo() is undefined and isAlive() false for no process", () => {
  assertEquals(processInfo(2 ** 30), undefined);
  assertEquals(isAlive(2 ** 30), false);
  assertEquals(commandLineOf(2 ** 30), []);
});

Deno.test("childrenOf() and the like tell of a started process", async () => {
  await using program = start("/bin/sh", ["-c", "sleep 1000 & echo up; wait"]);
  await program.waitForOutput("up");
  assert(isAlive(program.pid));
  assert(childrenOf(Deno.pid).includes(program.pid));
  assertEquals(descendantsOf(program.pid).length, 1);
  assertEquals(commandLineOf(program.pid)[0], "/bin/sh");
  assertEquals(statusOf(program.pid).get("Pid"), `${program.pid}`);
  assert(descriptorsOf(program.pid).get(0)?.match(/^(?:pipe|socket):/));
  const token = environmentOf(program.pid).get(RUN_TOKEN) ?? "";
  // None while it executes a program.
  await waitFor(() => pidsWithToken(token).length === 2, { what: "both" });
});
