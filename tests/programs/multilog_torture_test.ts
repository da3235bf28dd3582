/**
 * multilog ended at random, without threads, on a file system that stands still or is full: every
 * line is counted, ours beside daemontools' own where that is installed.
 *
 * A table of the lines that were lost, doubled and reordered, of 100 rounds each, ends the output of
 *
 *     DAEMONTOOLS_TEST_LONG=1 sh scripts/test.sh tests/programs/multilog_torture_test.ts
 *
 * It takes about five minutes, as root: others have no file system of their own to freeze or fill.
 */

import { assertEquals } from "@std/assert";
import { existsSync } from "@std/fs/exists";
import {
  countTo,
  ENV,
  LinePipe,
  numberedLine,
  type Tally,
  tallyOf,
  waitForLine,
} from "../support/line_stream.ts";
import { type TempDir, tempDir } from "../support/temp.ts";
import { isReference, othersReachTools, run, start, tool } from "../support/tools.ts";
import { pause, waitFor } from "../support/wait.ts";

const isLong = Deno.env.get("DAEMONTOOLS_TEST_LONG") !== undefined;
const isRoot = Deno.uid() === 0;
const REFERENCE = "/usr/bin/multilog";
const ROUNDS = isLong ? 100 : 4;
const has = (...programs: string[]) =>
  programs.every((name) =>
    ["/usr/bin", "/usr/sbin", "/bin", "/sbin"].some((dir) => existsSync(`${dir}/${name}`))
  );

/** Ours, and what it is compared with. */
const SUBJECTS = [
  { name: "ours", path: tool("multilog") },
  ...(isLong && !isReference && existsSync(REFERENCE) ? [{ name: "C", path: REFERENCE }] : []),
];

/** What became of lines, by what was done and with which program. */
const rows: { readonly what: string; readonly name: string; readonly tally: Tally }[] = [];

/** The rows as a table in Markdown. */
function tableOf(shown: typeof rows): string {
  const cells = shown.map(({ what, name, tally }) => {
    const { written, lost, doubled, reordered, gaps } = tally;
    return [what, name, ...[written, lost, doubled, reordered, gaps].map(String)];
  });
  const head = ["", "", "lines", "lost", "doubled", "reordered", "gaps"];
  const ruler = head.map((_, column) => column < 2 ? "---" : "---:");
  const widths = head.map((_, column) =>
    Math.max(...[head, ruler, ...cells].map((row) => row[column]!.length))
  );
  const lineOf = (row: string[]) =>
    row.map((cell, column) =>
      column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!)
    ).join(" | ");
  return [head, ruler, ...cells].map((row) => `| ${lineOf(row)} |\n`).join("");
}

function show(text: string): void {
  Deno.stderr.writeSync(new TextEncoder().encode(text));
}

/** Runs a scenario with ours, and with daemontools' where a table is made. */
async function forEachSubject(
  what: string,
  scenario: (path: string, dir: TempDir) => Promise<Tally>,
): Promise<Tally> {
  let ours: Tally | undefined;
  for (const { name, path } of SUBJECTS) {
    await using dir = await tempDir();
    await Deno.chmod(dir.path, 0o777);
    const tally = await scenario(path, dir);
    ours ??= tally;
    rows.push({ what, name, tally });
  }
  if (isLong) show(tableOf(rows.slice(-SUBJECTS.length)));
  return ours!;
}

const SCRIPT = ["t", "s100000", "n100000", "./log"];

/** Starts multilog again and again, and ends each with a signal at a random moment. */
async function endAtRandom(
  path: string,
  dir: TempDir,
  { pipe, signal, script, longestMs }: {
    pipe: LinePipe;
    signal: Deno.Signal;
    script: string[];
    longestMs: number;
  },
): Promise<void> {
  const current = () =>
    existsSync(dir.join("log/current")) && Deno.statSync(dir.join("log/current"));
  for (let round = 0; round < ROUNDS; round++) {
    const before = current();
    // In use, and not just left in use by the run before.
    const isInUse = () => {
      const now = current();
      if (!now || (now.mode! & 0o777) !== 0o644) return false;
      return !before || (before.mode! & 0o777) !== 0o644 || before.ino !== now.ino;
    };
    await using multilog = pipe.startReader(path, script, dir.path);
    await waitFor(isInUse, { what: "multilog to start" });
    await pause(20 + Math.random() * longestMs);
    multilog.kill(signal);
    await multilog.status;
  }
}

/**
 * Has what is left in the pipe logged.
 *
 * @param stop ends the writing, for which there may have to be a reader
 * @returns what that returned
 */
async function logRest<T>(
  path: string,
  dir: TempDir,
  pipe: LinePipe,
  end: string,
  stop?: () => Promise<T>,
): Promise<T | undefined> {
  await using multilog = pipe.startReader(path, SCRIPT, dir.path);
  const written = await stop?.();
  pipe.write(end);
  await waitForLine(dir.join("log"), end);
  multilog.kill("SIGTERM");
  await multilog.status;
  return written;
}

for (const signal of ["SIGKILL", "SIGTERM"] as const) {
  Deno.test(`multilog ended by ${signal} at 2000 lines a second loses nothing`, async () => {
    const tally = await forEachSubject(`${ROUNDS} ${signal}, 2000 lines/s`, async (path, dir) => {
      await using pipe = await LinePipe.make(dir.join("p"));
      const stop = pipe.writeSteadily(2000);
      await endAtRandom(path, dir, { pipe, signal, script: SCRIPT, longestMs: 300 });
      return tallyOf(dir.join("log"), await logRest(path, dir, pipe, "end", stop));
    });
    assertEquals([tally.lost, tally.doubled, tally.reordered], [0, 0, 0]);
  });

  Deno.test(`multilog ended by ${signal} at full load loses nothing`, async () => {
    const tally = await forEachSubject(`${ROUNDS} ${signal}, full load`, async (path, dir) => {
      await using pipe = await LinePipe.make(dir.join("p"));
      const script = `${countTo(900_000_000)} >"$1"`;
      const writer = start("/bin/sh", ["-c", `exec ${script}`, "sh", pipe.path]);
      {
        await using _ = writer;
        // Not too long: what is written in the meantime must be counted.
        const script = ["t", "s1000000", "n100000", "./log"];
        await endAtRandom(path, dir, { pipe, signal, script, longestMs: 60 });
      }
      await logRest(path, dir, pipe, "end");
      return tallyOf(dir.join("log"));
    });
    assertEquals([tally.lost, tally.doubled, tally.reordered], [0, 0, 0]);
  });
}

Deno.test("multilog that is killed while its processor is slow loses nothing", async () => {
  const tally = await forEachSubject("SIGKILL with a slow processor", async (path, dir) => {
    await using pipe = await LinePipe.make(dir.join("p"));
    const writer = start("/bin/sh", ["-c", `${countTo(900_000_000)} >"$1"`, "sh", pipe.path]);
    {
      await using _ = writer;
      const script = ["t", "s100000", "n100", "!sleep 1000", "./log"];
      await using multilog = pipe.startReader(path, script, dir.path);
      // Nothing can be done any more when current is full, and before that is processed.
      await waitFor(() => Deno.statSync(dir.join("log/current")).size > 90_000 || undefined, {
        what: "a full current",
      }).catch((error) => {
        // daemontools' writes nothing at all while its processor runs.
        if (path !== REFERENCE) throw error;
      });
      await pause(500);
      multilog.kill("SIGKILL");
      await multilog.status;
    }
    await logRest(path, dir, pipe, "end");
    return tallyOf(dir.join("log"));
  });
  assertEquals([tally.lost, tally.doubled, tally.reordered], [0, 0, 0]);
});

Deno.test({
  name: "multilog gets on when no thread can be had, and afterwards",
  ignore: !isRoot || !othersReachTools || !has("setpriv", "bash"),
  async fn() {
    const uid = "54321";
    const asUser = ["--reuid", uid, "--regid", uid, "--clear-groups"];
    const lines = 500_000;
    const tally = await forEachSubject("no thread to be had", async (path, dir) => {
      await using pipe = await LinePipe.make(dir.join("p"));
      const limited = 'ulimit -u 8; exec "$@"';
      const args = [...asUser, "bash", "-c", limited, "bash", path, ...SCRIPT];
      await using multilog = pipe.startReader(ENV, ["setpriv", ...args], dir.path);
      await waitFor(() => existsSync(dir.join("log/current")) || undefined, { what: "the log" });
      pipe.write("begin");
      await waitForLine(dir.join("log"), "begin");
      const crowd = "for n in 1 2 3 4 5 6 7 8 9 10; do sleep 1000 & done; echo full; wait";
      await using others = start(ENV, ["setpriv", ...asUser, "/bin/sh", "-c", crowd]);
      await others.waitForOutput("full");
      const script = `${countTo(lines)} >"$1"`;
      const { code } = await run("/bin/sh", ["-c", script, "sh", pipe.path], {
        timeoutMs: 240_000,
      });
      assertEquals(code, 0);
      await waitForLine(dir.join("log"), numberedLine(lines - 1));
      multilog.kill("SIGTERM");
      await multilog.status;
      return tallyOf(dir.join("log"), lines);
    });
    const { lost, doubled, reordered } = tally;
    assertEquals([lost, doubled, reordered], [0, 0, 0]);
  },
});

/** Mounts a file system of its own on `disk`; null where that cannot be had. */
async function mountDisk(dir: TempDir, script: string): Promise<AsyncDisposable | null> {
  const whole = `mkdir disk && ${script} && chmod 777 disk`;
  const { code } = await run("/bin/sh", ["-c", whole], { cwd: dir.path });
  if (code !== 0) return null;
  return {
    async [Symbol.asyncDispose]() {
      await run(ENV, ["umount", dir.join("disk")]);
    },
  };
}

/** An ext4 on a loop device. */
const LOOP_DISK = "dd if=/dev/zero of=image bs=1M count=64 2>/dev/null && " +
  "mkfs.ext4 -q -m 0 image && mount -o loop image disk";

const NOTHING: Tally = { written: 0, lost: 0, doubled: 0, reordered: 0, gaps: 0 };
const hasDisks = isRoot && has("mkfs.ext4", "losetup", "fsfreeze", "mount");

Deno.test({
  name: "multilog waits while its file system stands still, and loses nothing",
  ignore: !hasDisks,
  async fn() {
    const lines = 300_000;
    const tally = await forEachSubject("frozen file system", async (path, dir) => {
      await using disk = await mountDisk(dir, LOOP_DISK);
      if (disk === null) return NOTHING;
      await using pipe = await LinePipe.make(dir.join("p"));
      await using multilog = pipe.startReader(path, SCRIPT, dir.join("disk"));
      const log = dir.join("disk/log");
      pipe.write("begin");
      await waitForLine(log, "begin");
      assertEquals((await run(ENV, ["fsfreeze", "-f", dir.join("disk")])).code, 0);
      const script = `${countTo(lines)} >"$1"`;
      await using writer = start("/bin/sh", ["-c", script, "sh", pipe.path]);
      await pause(2000);
      assertEquals((await run(ENV, ["fsfreeze", "-u", dir.join("disk")])).code, 0);
      await waitForLine(log, numberedLine(lines - 1));
      await writer.status;
      multilog.kill("SIGTERM");
      assertEquals((await multilog.status).code, 0);
      return tallyOf(log, lines);
    });
    const { lost, doubled, reordered } = tally;
    assertEquals([lost, doubled, reordered], [0, 0, 0]);
  },
});

Deno.test({
  name: "multilog that is killed with a full disk loses nothing",
  ignore: !isRoot,
  async fn() {
    const tally = await forEachSubject("full file system, then SIGKILL", async (path, dir) => {
      await using disk = await mountDisk(dir, "mount -t tmpfs -o size=1m none disk");
      if (disk === null) return NOTHING;
      await using pipe = await LinePipe.make(dir.join("p"));
      const inDisk = {
        ...dir,
        path: dir.join("disk"),
        join: (name: string) => dir.join(`disk/${name}`),
      };
      const writer = start("/bin/sh", ["-c", `${countTo(900_000_000)} >"$1"`, "sh", pipe.path]);
      {
        await using _ = writer;
        await using multilog = pipe.startReader(path, SCRIPT, inDisk.path);
        await multilog.waitForOutput("pausing: out of disk space");
        await pause(500);
        multilog.kill("SIGKILL");
        await multilog.status;
      }
      await run(ENV, ["mount", "-o", "remount,size=64m", inDisk.path]);
      await logRest(path, inDisk, pipe, "end");
      return tallyOf(inDisk.join("log"));
    });
    assertEquals([tally.lost, tally.doubled, tally.reordered], [0, 0, 0]);
  },
});

Deno.test({
  name: "multilog's losses beside those of daemontools' own, as a table",
  ignore: !isLong,
  fn() {
    show(tableOf(rows));
    for (const { what, name, tally: { doubled, reordered } } of rows) {
      if (name === "ours") assertEquals([what, doubled, reordered], [what, 0, 0]);
    }
  },
});
