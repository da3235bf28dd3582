/**
 * multilog killed by strace right before a system call: the first one of its name, the second one,
 * and so on. What was in the pipe is in the log afterwards, all of it, once, and in order.
 *
 *     DAEMONTOOLS_TEST_LONG=1 sh scripts/test.sh tests/programs/multilog_killed_test.ts
 *
 * It takes about six minutes; tests/engine/killed_log_test.ts does the same on a kernel of its own.
 */

import { assertEquals } from "@std/assert";
import { existsSync } from "@std/fs/exists";
import { ENV, LinePipe, waitForLine } from "../support/line_stream.ts";
import { namesIn, type TempDir, tempDir } from "../support/temp.ts";
import { isReference, type Started, tool } from "../support/tools.ts";
import { waitFor } from "../support/wait.ts";

const isLong = Deno.env.get("DAEMONTOOLS_TEST_LONG") !== undefined;
const STRACE = "/usr/bin/strace";

/** What changes a pipe or a file, or holds up what does. */
const CALLS = [
  "tee",
  "pwrite64",
  "write",
  "splice",
  "fsync",
  "renameat",
  "linkat",
  "unlinkat",
  "fchmod",
  "flock",
];

const lineOf = (index: number) => `line ${index} ${"x".repeat(index % 50)}`;
const LINES = Array.from({ length: 150 }, (_, index) => lineOf(index));
/** Whole lines, few and many; lines that are cut, one of them twice; the same lines again. */
const BLOCKS = (() => {
  const all = `${LINES.join("\n")}\n`;
  const cuts = [0, all.indexOf("line 3 "), 2000, 2005, all.indexOf("line 90 "), all.length];
  const same = "the same line each time\n".repeat(50);
  return [...cuts.slice(1).map((end, index) => all.slice(cuts[index], end)), same, same, same];
})();

const SCRIPTS = [
  ["./log"],
  ["t", "s4096", "n100", "./log"],
  ["t", "-*nothing*", "s4096", "n100", "./log"],
  ["s4096", "n100", "!cat", "./log"],
];

/** All lines of the log, without labels. */
function logged(directory: string): string {
  const names = namesIn(directory);
  const files = names.filter((name) => name.startsWith("@")).sort();
  return [...files, ...names.filter((name) => ["previous", "current"].includes(name)).reverse()]
    .map((name) => Deno.readTextFileSync(`${directory}/${name}`)).join("")
    .replaceAll(/^@[0-9a-f]{24} /gm, "");
}

/** Writes blocks; each comes when all before it is taken in. */
async function write(
  dir: TempDir,
  { pipe, blocks, multilog }: { pipe: LinePipe; blocks: string[]; multilog: Started },
): Promise<void> {
  let written = BLOCKS.slice(0, BLOCKS.length - blocks.length).join("");
  const isTaken = () => {
    const text = logged(dir.join("log"));
    if (written.endsWith("\n")) return text === written;
    const whole = written.lastIndexOf("\n") + 1;
    return text === written.slice(0, whole) &&
      Deno.readTextFileSync(dir.join("log/lock")).includes(written.slice(whole));
  };
  for (;;) {
    await waitFor(() => multilog.ended || isTaken(), { what: "lines", timeoutMs: 60_000 });
    const block = multilog.ended ? undefined : blocks.shift();
    if (block === undefined) return;
    pipe.write(block.slice(0, -1), block.slice(-1));
    written += block;
  }
}

/** Has what strace traces end in order, and strace after it. */
function endTraced(pid: number): void {
  const children = Deno.readTextFileSync(`/proc/${pid}/task/${pid}/children`).match(/\d+/g) ?? [];
  for (const child of children) Deno.kill(Number(child), "SIGTERM");
}

/** @returns whether multilog was killed before it had done such a call so often */
async function killBefore(words: string[], call: string, count: number): Promise<boolean> {
  await using dir = await tempDir();
  await using pipe = await LinePipe.make(dir.join("p"));
  const blocks = [...BLOCKS];
  let killed: boolean;
  {
    const inject = `inject=${call}:signal=KILL:when=${count}`;
    const strace = ["-f", "-qq", "-o", "/dev/null", "-e", `trace=${call}`, "-e", inject];
    const args = [...strace, tool("multilog"), ...words];
    await using multilog = pipe.startReader(STRACE, args, dir.path);
    await write(dir, { pipe, blocks, multilog });
    killed = multilog.ended;
    if (!killed) endTraced(multilog.pid);
    killed ||= (await multilog.status).signal === "SIGKILL";
  }
  await using multilog = pipe.startReader(ENV, [tool("multilog"), ...words], dir.path);
  await write(dir, { pipe, blocks, multilog });
  assertEquals(multilog.ended, false);
  pipe.write("end");
  await waitForLine(dir.join("log"), "end");
  multilog.kill("SIGTERM");
  await multilog.status;
  const what = `killed before ${call} number ${count} of ${words.join(" ")}`;
  assertEquals([what, logged(dir.join("log"))], [what, `${BLOCKS.join("")}end\n`]);
  return killed;
}

for (const words of SCRIPTS) {
  for (const call of CALLS) {
    Deno.test({
      name: `multilog ${words.join(" ")} killed before each ${call} loses and doubles nothing`,
      ignore: !isLong || isReference || !existsSync(STRACE),
      async fn() {
        for (let count = 1; await killBefore(words, call, count);) count++;
      },
    });
  }
}
