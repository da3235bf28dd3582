/** svc: what it writes into a control FIFO, and what it says when it cannot. */

import { assertEquals } from "@std/assert";
import { ensureDirSync } from "@std/fs/ensure-dir";
import { descriptorsOf } from "../support/processes.ts";
import { tempDir } from "../support/temp.ts";
import { isReference, run, start } from "../support/tools.ts";
import { waitFor } from "../support/wait.ts";

const OPTIONS = "svc options: u up, d down, o once, x exit, p pause, c continue, h hup, " +
  "a alarm, i interrupt, t term, k kill\n";

const USAGE = "svc: usage: svc [ -udopchaitkx ] dir ...\n";

/** What svc writes into the FIFO of `s` for these arguments. */
async function lettersFor(path: string, args: string[], said = ""): Promise<string> {
  await using reader = start("/bin/bash", [
    "-c",
    'exec 3<>s/supervise/control; echo ready; read -r -u 3 line; printf "<%s>" "$line"',
  ], { cwd: path });
  await reader.waitForOutput("ready");
  const { code, stderr } = await run("svc", args, { cwd: path });
  assertEquals([code, stderr], [0, said]);
  await run("/bin/sh", ["-c", "echo >s/supervise/control"], { cwd: path });
  await reader.waitForOutput(">");
  return reader.stdout.split("<")[1]!.slice(0, -1);
}

Deno.test("svc sends each letter once, in order of first appearance", async () => {
  await using dir = await tempDir();
  ensureDirSync(dir.join("s/supervise"));
  await run("/usr/bin/mkfifo", [dir.join("s/supervise/control")]);
  for (
    const [args, letters] of [
      [["-u", "s"], "u"],
      [["-dx", "s"], "dx"],
      [["-t", "-h", "s"], "th"],
      [["-x", "-d", "-x", "-u", "s"], "xdu"],
      [["-udopchaitkx", "s"], "udopchaitkx"],
      [["-kk", "--", "s"], "k"],
      [["-d", "--anything", "s"], "d"],
    ] as [string[], string][]
  ) {
    assertEquals(await lettersFor(dir.path, args), letters, args.join(" "));
  }
  assertEquals(await lettersFor(dir.path, ["s"], isReference ? "" : USAGE), "");
});

Deno.test({
  name: "svc sends encore's and runit's letters, and ends what + began",
  ignore: isReference,
  async fn() {
    await using dir = await tempDir();
    ensureDirSync(dir.join("s/supervise"));
    await run("/usr/bin/mkfifo", [dir.join("s/supervise/control")]);
    assertEquals(await lettersFor(dir.path, ["-q12w", "s"]), "q12w");
    assertEquals(await lettersFor(dir.path, ["-+t", "s"]), "+t=");
    assertEquals(await lettersFor(dir.path, ["-t", "-+", "-k", "s"]), "t+k=");
  },
});

Deno.test("svc warns of each directory that it cannot control, and goes on", async () => {
  await using dir = await tempDir();
  for (const name of ["never", "dead/supervise"]) {
    ensureDirSync(dir.join(name));
  }
  Deno.writeTextFileSync(dir.join("file"), "");
  await run("/usr/bin/mkfifo", [dir.join("dead/supervise/control")]);
  const { code, stderr, stdout } = await run("svc", ["-u", "nosuch", "file", "never", "dead"], {
    cwd: dir.path,
  });
  assertEquals([code, stdout, stderr], [
    0,
    "",
    "svc: warning: unable to chdir to nosuch: file does not exist\n" +
    "svc: warning: unable to chdir to file: not a directory\n" +
    "svc: warning: unable to control never: file does not exist\n" +
    "svc: warning: unable to control dead: supervise not running\n",
  ]);
});

Deno.test("svc refuses a letter that it does not know, and sends nothing", async () => {
  await using dir = await tempDir();
  for (const [option, letter] of [["-z", "z"], ["-uz", "z"], ["-u-", "-"], ["-:", ":"]]) {
    const { code, stderr } = await run("svc", [option!, dir.path]);
    assertEquals([code, stderr], [100, `svc: illegal option -- ${letter}\n${OPTIONS}`]);
  }
});

Deno.test("svc without directories does nothing", async () => {
  for (const args of [[], ["-u"], ["-"]]) {
    const { code } = await run("svc", args);
    assertEquals(code, 0);
  }
});

Deno.test("svc waits while a control FIFO is full, and loses no command", async () => {
  await using dir = await tempDir();
  ensureDirSync(dir.join("s/supervise"));
  await run("/usr/bin/mkfifo", [dir.join("s/supervise/control")]);
  await using reader = start("/bin/bash", [
    "-c",
    "exec 3<>s/supervise/control; head -c 65536 /dev/zero >&3; echo full; read -r; " +
    "head -c 65537 <&3 | tail -c 1",
  ], { cwd: dir.path });
  await reader.waitForOutput("full\n");
  await using svc = start("svc", ["-t", "s"], { cwd: dir.path });
  const hasOpened = () =>
    [...descriptorsOf(svc.pid).values()].some((name) => name.endsWith("/control"));
  await waitFor(() => svc.ended || hasOpened(), { what: "svc to open the FIFO" });
  await reader.write("\n");
  assertEquals([(await svc.status).code, svc.stderr], [0, ""]);
  await reader.waitForOutput("full\nt");
});

Deno.test({
  name: "svc says how it is called where there is nothing to send, or nobody to send it to",
  // The C program says nothing.
  ignore: isReference,
  async fn() {
    await using dir = await tempDir();
    const notRunning = "svc: warning: unable to control .: file does not exist\n";
    const ignored = "svc: warning: ignoring --restart: options are single letters\n";
    for (
      const [args, expected] of [
        [[], USAGE],
        [["-u"], USAGE],
        [["."], USAGE + notRunning],
        [["--restart", "."], ignored + USAGE + notRunning],
        [["-u", "."], notRunning],
      ] as const
    ) {
      const { code, stdout, stderr } = await run("svc", args, { cwd: dir.path });
      assertEquals([code, stdout, stderr], [0, "", expected], args.join(" "));
    }
  },
});
