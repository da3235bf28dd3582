/** svstat, on status records that the test makes: any process that holds `ok` open looks alive. */

import { assertEquals } from "@std/assert";
import { ensureDirSync } from "@std/fs/ensure-dir";
import { tempDir } from "../support/temp.ts";
import { isReference, run, start } from "../support/tools.ts";
import { waitFor } from "../support/wait.ts";

const TAI64_OFFSET = 4611686018427387914n;

/** A status record for so many seconds ago. */
function record(secondsAgo: number, pid: number, paused: number, want: string): Uint8Array {
  const bytes = new Uint8Array(18);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, TAI64_OFFSET + BigInt(Math.floor(Date.now() / 1000) - secondsAgo));
  view.setUint32(12, pid, true);
  bytes[16] = paused;
  bytes[17] = want.charCodeAt(0) || 0;
  return bytes;
}

Deno.test("svstat says in words what the record says", async () => {
  await using dir = await tempDir();
  const cases: [name: string, bytes: Uint8Array, down: boolean, words: string][] = [
    ["up", record(100, 1234, 0, "u"), false, "up (pid 1234) N seconds"],
    ["up-down", record(100, 1234, 0, "u"), true, "up (pid 1234) N seconds, normally down"],
    [
      "all-up",
      record(100, 0xfedcba98, 1, "d"),
      true,
      "up (pid 4275878552) N seconds, normally down, paused, want down",
    ],
    ["once", record(100, 7, 0, ""), false, "up (pid 7) N seconds"],
    ["down", record(100, 0, 0, "d"), true, "down N seconds"],
    ["all-down", record(100, 0, 1, "u"), false, "down N seconds, normally up, want up"],
    ["down-once", record(100, 0, 0, ""), false, "down N seconds, normally up"],
    ["future", record(-1000, 5, 0, "u"), false, "up (pid 5) 0 seconds"],
    ["zero", new Uint8Array(18), false, "down N seconds, normally up"],
    ["long", new Uint8Array([...record(100, 9, 0, "u"), 1, 2, 3]), false, "up (pid 9) N seconds"],
    [
      "short",
      record(100, 9, 0, "u").subarray(0, 17),
      false,
      "unable to read supervise/status: bad format",
    ],
  ];
  const fifos = cases.map(([name]) => `${name}/supervise/ok`);
  for (const [name, bytes, down] of cases) {
    ensureDirSync(dir.join(`${name}/supervise`));
    Deno.writeFileSync(dir.join(`${name}/supervise/status`), bytes);
    if (down) Deno.writeTextFileSync(dir.join(`${name}/down`), "");
  }
  await run("/usr/bin/mkfifo", fifos, { cwd: dir.path });
  await using holder = start("/bin/bash", [
    "-c",
    'for f; do exec {fd}<>"$f"; done; echo ready; exec sleep 1000000',
    "bash",
    ...fifos,
  ], { cwd: dir.path });
  await holder.waitForOutput("ready");
  const { stdout, code } = await run("svstat", cases.map(([name]) => name), { cwd: dir.path });
  const words = stdout.trimEnd().split("\n").map((line) =>
    line.replace(/\b[1-9]\d* seconds/, "N seconds")
  );
  assertEquals([words, code], [cases.map(([name, , , text]) => `${name}: ${text}`), 0]);
});

Deno.test("svstat says what it could not find out, one line a directory", async () => {
  await using dir = await tempDir();
  for (const name of ["empty", "loop", "dead/supervise"]) {
    ensureDirSync(dir.join(name));
  }
  Deno.symlinkSync("down", dir.join("loop/down"));
  Deno.writeTextFileSync(dir.join("file"), "");
  await run("/usr/bin/mkfifo", ["dead/supervise/ok"], { cwd: dir.path });
  const { stdout, code } = await run("svstat", ["nosuch", "file", "empty", "loop", "dead", ""], {
    cwd: dir.path,
  });
  assertEquals([stdout.split("\n"), code], [[
    "nosuch: unable to chdir: file does not exist",
    "file: unable to chdir: not a directory",
    "empty: unable to open supervise/ok: file does not exist",
    "loop: unable to stat down: symbolic link loop",
    "dead: supervise not running",
    ": unable to chdir: file does not exist",
    "",
  ], 0]);
});

Deno.test("svstat counts seconds", async () => {
  await using dir = await tempDir();
  Deno.mkdirSync(dir.join("s"));
  await using supervise = start("supervise", [dir.join("s")]);
  const seconds = async () =>
    Number(/(\d+) seconds/.exec((await run("svstat", [dir.join("s")])).stdout)?.[1] ?? NaN);
  await waitFor(async () => await seconds() >= 0, { what: "a status" });
  await run("svc", ["-d", dir.join("s")]);
  await waitFor(async () => await seconds() >= 2, { what: "two seconds" });
  await run("svc", ["-x", dir.join("s")]);
  await supervise.status;
});

Deno.test({
  name: "svstat says how it is called when no directory is named",
  // The C program says nothing.
  ignore: isReference,
  async fn() {
    const { code, stdout, stderr } = await run("svstat");
    assertEquals([code, stdout, stderr], [0, "", "svstat: usage: svstat dir ...\n"]);
  },
});
