/**
 * multilog under load, signals, crashes and full disks: every line is accounted for.
 *
 * Not tested: power failure. Set DAEMONTOOLS_TEST_LONG=1 for a million lines and more rounds.
 */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { tai64nLabel } from "../../src/base/tai64n.ts";
import { hasMachines } from "../support/machine.ts";
import { namesIn, tempDir } from "../support/temp.ts";
import { isReference, run, start, tool } from "../support/tools.ts";
import { waitFor } from "../support/wait.ts";

const isLong = Deno.env.get("DAEMONTOOLS_TEST_LONG") !== undefined;
const decoder = new TextDecoder();

/** What a crash may take, in bytes of whole lines. */
const CRASH_BOUND = 65536;

/** The lines of a log directory, the oldest first. */
async function linesOf(dir: string): Promise<string[]> {
  const names = namesIn(dir);
  const files = [
    ...names.filter((name) => name.startsWith("@")),
    ...["processed", "previous", "current"].filter((name) => names.includes(name)),
  ];
  let text = "";
  for (const name of files) text += decoder.decode(await Deno.readFile(`${dir}/${name}`));
  return text.split("\n").slice(0, -1);
}

/** The names of a log directory's rotated files. */
function oldLogsIn(dir: string): string[] {
  return namesIn(dir).filter((name) => name.startsWith("@"));
}

/** Numbered lines, one after the other. */
function numberedLines(howMany: number): string {
  return Array.from({ length: howMany }, (_, index) => `line ${index}\n`).join("");
}

/** The number that ends each line, without what a crash cut short. */
function numbersOf(lines: readonly string[]): number[] {
  return lines.filter((line) => /^(@[0-9a-f]{24} )?n[0-9]{9}$/.test(line))
    .map((line) => Number(line.slice(-9)));
}

/** A shell program that writes numbered lines for ever, or up to a limit. */
const count = (limit: number) => `BEGIN { for (i = 0; i < ${limit}; i++) printf "n%09d\\n", i }`;

Deno.test("multilog writes a line at once while its input stays open", async () => {
  await using dir = await tempDir();
  await using multilog = start("multilog", ["t", "./log"], { cwd: dir.path });
  for (let line = 1; line <= 5; line++) {
    await multilog.write(`line ${line}\n`);
    await waitFor(async () => (await linesOf(dir.join("log"))).length === line, {
      what: `line ${line} to be in the log`,
    });
  }
  multilog.kill("SIGTERM");
  assertEquals((await multilog.status).code, 0);
});

Deno.test("multilog labels strictly increase, line by line", async () => {
  await using dir = await tempDir();
  const input = Array.from({ length: 20000 }, (_, index) => `${index}\n`).join("");
  await run("multilog", ["t", "s100000", "./log"], { cwd: dir.path, stdin: input });
  const labels = (await linesOf(dir.join("log"))).map((line) => line.slice(0, 25));
  assertEquals(labels.length, 20000);
  if (isReference) return;
  labels.forEach((label, index) => assert(index === 0 || label > labels[index - 1]!));
});

/**
 * Logs a line behind a last one, after a clean end and after a crash.
 *
 * @param writtenAt when the last one was written, in seconds; now, if that is left out
 */
async function logBehind(dir: string, word: string, last: string, writtenAt?: number) {
  await Deno.mkdir(`${dir}/log`, { recursive: true });
  await Deno.writeTextFile(`${dir}/log/current`, last);
  await Deno.chmod(`${dir}/log/current`, 0o744);
  if (writtenAt !== undefined) await Deno.utime(`${dir}/log/current`, writtenAt, writtenAt);
  const options = { cwd: dir, stdin: "new\n" };
  const { stderr } = await run("multilog", [word, "./fresh", "./log"], options);
  const [, clean = ""] = await linesOf(`${dir}/log`);
  // Now the last label is in an old file.
  await Deno.chmod(`${dir}/log/current`, 0o644);
  await run("multilog", [word, "./fresh", "./log"], options);
  const crashed = (await linesOf(`${dir}/log`)).at(-1)!;
  return { stderr, clean, crashed };
}

Deno.test({
  name: "multilog begins above the last label in its logs, though the clock was set back",
  ignore: isReference,
  async fn() {
    const seconds = Math.floor(Date.now() / 1000) + 1800;
    const iso = new Date(seconds * 1000).toISOString().slice(0, 19);
    const tai = (nanoseconds: number) => tai64nLabel({ seconds, nanoseconds });
    const forms = [
      ["t", `${tai(255)} x\n`, `${tai(256)} new`],
      ["iso=utc", `${iso}.000000009Z x\n`, `${iso}.000000010Z new`],
    ] as const;
    for (const [word, last, expected] of forms) {
      await using dir = await tempDir();
      const { stderr, clean, crashed } = await logBehind(dir.path, word, last, seconds);
      assertEquals([stderr, clean], ["", expected]);
      assert(crashed > expected && crashed.endsWith(" new"), crashed);
    }
  },
});

Deno.test({
  name: "multilog takes no label for its own that is later than its file",
  ignore: isReference,
  async fn() {
    for (const aheadSeconds of [1800, 200_000]) {
      const seconds = Math.floor(Date.now() / 1000) + aheadSeconds;
      const iso = new Date(seconds * 1000).toISOString().slice(0, 19);
      const forms = [
        ["t", `${tai64nLabel({ seconds, nanoseconds: 255 })} forged\n`],
        ["iso=utc", `${iso}.000000009Z forged\n`],
      ] as const;
      for (const [word, last] of forms) {
        await using dir = await tempDir();
        // What a service printed, in a log without labels until now.
        const { stderr, clean, crashed } = await logBehind(dir.path, word, last);
        assertEquals(stderr, "");
        assert(clean < crashed && crashed < last, `${last}${clean} ${crashed}`);
      }
    }
  },
});

Deno.test({
  name: "multilog does not go on from a label that is over an hour ahead, and says so",
  ignore: isReference,
  async fn() {
    const seconds = Math.floor(Date.now() / 1000) + 30 * 86400;
    const forms = [
      ["t", `${tai64nLabel({ seconds, nanoseconds: 255 })} x\n`],
      ["iso=utc", `${new Date(seconds * 1000).toISOString().slice(0, 19)}.999999999Z x\n`],
    ] as const;
    for (const [word, last] of forms) {
      await using dir = await tempDir();
      const { stderr, clean, crashed } = await logBehind(dir.path, word, last, seconds);
      assertMatch(
        stderr,
        /^multilog: warning: \.\/fresh \.\/log had labels \d+ seconds ahead of the clock; they follow it again\n$/,
      );
      assert(clean < last && clean < crashed && crashed < last, crashed);
    }
  },
});

Deno.test({
  name: "multilog takes nothing that a processor made for a label of its own",
  ignore: isReference,
  async fn() {
    await using dir = await tempDir();
    const script = ["t", "s4096", "!cut -c27-", "./log"];
    const ahead = tai64nLabel({ seconds: Math.floor(Date.now() / 1000) + 1800, nanoseconds: 0 });
    await run("multilog", script, { cwd: dir.path, stdin: `${ahead} forged\n` });
    await run("/bin/sh", ["-c", `cd log && cut -c27- current >${ahead}.s && : >current`], {
      cwd: dir.path,
    });
    await run("multilog", script, { cwd: dir.path, stdin: "new\n" });
    const last = (await linesOf(dir.join("log"))).at(-1)!;
    assert(last < ahead && last.endsWith(" new"), last);
  },
});

Deno.test("multilog loses no line to TERM, ALRM and a restart at any moment", async () => {
  await using dir = await tempDir();
  const limit = isLong ? 1_000_000 : 60_000;
  // One pipe for all of them: what one leaves, the next one finds.
  const script = `mkfifo p; exec 9<>p; exec 8<p
    (exec 8<&- ; awk '${count(limit)}'; printf 'end\\n') >p & exec 9<&-
    while :; do
      "$1" t s20000 n100000 ./log <&8 & pid=$!
      until [ -n "$(find log -name current -perm 644)" ] || ! kill -0 $pid; do sleep 0.01; done \
        2>/dev/null
      for n in 1 2 3; do
        perl -e 'select undef, undef, undef, rand 0.06'
        kill -ALRM $pid 2>/dev/null
      done
      perl -e 'select undef, undef, undef, rand 0.1'
      kill -TERM $pid 2>/dev/null
      wait $pid || echo "exit $?"
      cat ./log/@* ./log/current 2>/dev/null | tail -n 1 | grep -q 'end$' && break
    done
    wait`;
  const { stdout } = await run("/bin/sh", ["-c", script, "sh", tool("multilog")], {
    cwd: dir.path,
    timeoutMs: 300_000,
  });
  // A signal before the handlers are there ends the process by itself; it has read nothing then.
  assertEquals(stdout.replaceAll(/^exit 14[0-9]$\n/gm, ""), "");
  const lines = await linesOf(dir.join("log"));
  assert(lines.at(-1)!.endsWith("end"));
  const numbers = numbersOf(lines);
  assertEquals(numbers.length, limit);
  assertEquals(numbers.findIndex((number, index) => number !== index), -1);
});

Deno.test("multilog that is killed loses at most what was in flight, and doubles nothing", async () => {
  await using dir = await tempDir();
  for (let round = 0; round < (isLong ? 30 : 4); round++) {
    const log = `log${round}`;
    const script = `mkfifo p${round}; exec 9<>p${round}; exec 8<p${round}
      (exec 8<&-; exec awk '${count(100_000_000)}') >p${round} & writer=$!; exec 9<&-
      "$1" t s50000 n100000 ./${log} <&8 & pid=$!
      has_much() { [ "$(cat ${log}/@* ${log}/current 2>/dev/null | wc -c)" -gt 20000 ]; }
      until has_much; do sleep 0.01; done
      perl -e 'select undef, undef, undef, rand 0.3'
      kill -KILL $pid; wait $pid
      "$1" t s50000 n100000 ./${log} <&8 & pid=$!
      until ls ${log}/*.u && [ -s ${log}/current ]; do sleep 0.01; done >/dev/null 2>&1
      kill -TERM $pid; wait $pid; echo "exit $?"
      kill -KILL $writer`;
    const { stdout } = await run("/bin/sh", ["-c", script, "sh", tool("multilog")], {
      cwd: dir.path,
    });
    assertEquals(stdout, "exit 0\n");
    const numbers = numbersOf(await linesOf(dir.join(log)));
    assert(numbers.length > 1000);
    const gaps = numbers.flatMap((number, index) =>
      index > 0 && number !== numbers[index - 1]! + 1 ? [number - numbers[index - 1]! - 1] : []
    );
    assert(gaps.length <= 1, `gaps of ${gaps} lines`);
    for (const gap of gaps) assert(gap > 0 && gap * 11 <= CRASH_BOUND, `${gap} lines`);
  }
});

Deno.test({
  name: "multilog goes on logging while a processor runs",
  // The C program stops reading.
  ignore: isReference,
  async fn() {
    await using dir = await tempDir();
    const processor = "!cat; while [ ! -e ../go ]; do sleep 0.05; done";
    const args = ["s4096", processor, "./log"];
    await using multilog = start("multilog", args, { cwd: dir.path });
    await multilog.write(`${"x".repeat(99)}\n`.repeat(30));
    await waitFor(() => Deno.statSync(dir.join("log/processed")), { what: "the processor" });
    await multilog.write("more\n");
    const current = dir.join("log/current");
    await waitFor(async () => (await Deno.readTextFile(current)).endsWith("more\n"), {
      what: "a line that came later",
    });
    await Deno.writeTextFile(dir.join("go"), "");
    await multilog.closeStdin();
    assertEquals((await multilog.status).code, 0);
    assertEquals((await linesOf(dir.join("log"))).length, 31);
  },
});

Deno.test({
  name: "multilog waits for a full disk to have room again, and loses nothing",
  ignore: !hasMachines,
  async fn() {
    await using dir = await tempDir();
    const lines = 20_000;
    // The mount is seen by this shell and its children only.
    const script = `mkdir disk && mount -t tmpfs -o size=128k none disk || { echo skip; exit; }
      dd if=/dev/zero of=disk/ballast bs=1k count=100 2>/dev/null
      awk '${count(lines)}' >input
      "$1" s16000 n1000 ./disk/log <input 2>errors & pid=$!
      until grep -q 'pausing: out of disk space' errors; do sleep 0.1; done
      rm disk/ballast; mount -o remount,size=8m disk
      wait $pid; echo "exit $?"
      cat disk/log/@* disk/log/current | cmp - input && echo same`;
    const args = ["-c", 'exec unshare -m /bin/sh -c "$2" sh "$1"', "sh", tool("multilog"), script];
    const { stdout } = await run("/bin/sh", args, { cwd: dir.path });
    if (stdout !== "skip\n") assertEquals(stdout, "exit 0\nsame\n");
  },
});

Deno.test({
  name: "multilog keeps the other logs going while one fails",
  ignore: isReference || !hasMachines,
  async fn() {
    await using dir = await tempDir();
    const script = `mkdir disk && mount -t tmpfs -o size=64k none disk || { echo skip; exit; }
      "$1" ./disk/log ./good <p 2>errors & pid=$!
      exec 9>p
      awk '${count(20_000)}' >&9
      until grep -q 'pausing: out of disk space' errors; do sleep 0.1; done
      echo later >&9
      until cat good/@* good/current | grep -q later; do sleep 0.1; done
      mount -o remount,size=8m disk; exec 9>&-
      wait $pid; echo "exit $?"
      cat disk/log/@* disk/log/current | wc -l`;
    const outer = `mkfifo p; exec unshare -m /bin/sh -c "$2" sh "$1"`;
    const args = ["-c", outer, "sh", tool("multilog"), script];
    const { stdout } = await run("/bin/sh", args, { cwd: dir.path });
    if (stdout !== "skip\n") assertEquals(stdout, "exit 0\n20001\n");
  },
});

Deno.test({
  name: "multilog keeps a directory within its limit=, the newest logs first",
  ignore: isReference,
  async fn() {
    await using dir = await tempDir();
    const script = ["s4096", "n100", "limit=12000", "./limited", "limit=0", "./whole"];
    await run("multilog", script, { cwd: dir.path, stdin: numberedLines(3000) });
    const sizes = namesIn(dir.join("limited"))
      .map((name) => Deno.statSync(dir.join(`limited/${name}`)).size);
    const total = sizes.reduce((sum, size) => sum + size, 0);
    assert(total <= 12000 && total > 12000 - 4096, `${total} bytes`);
    const limited = await linesOf(dir.join("limited"));
    const whole = await linesOf(dir.join("whole"));
    assertEquals(whole.length, 3000);
    assertEquals(limited, whole.slice(-limited.length));
  },
});

Deno.test({
  name: "multilog compresses each old log with gzip=yes, and only in the directories behind it",
  ignore: isReference,
  async fn() {
    await using dir = await tempDir();
    const input = numberedLines(3000);
    const script = ["s4096", "n100", "./plain", "gzip=yes", "./zip", "gzip=no", "./plain2"];
    await run("multilog", script, { cwd: dir.path, stdin: input });
    const old = oldLogsIn(dir.join("zip"));
    assert(old.length > 5 && old.every((name) => name.endsWith(".s.gz")), old.join(" "));
    const unzip = ["-c", "gzip -dc ./zip/@*; cat ./zip/current"];
    assertEquals((await run("/bin/sh", unzip, { cwd: dir.path })).stdout, input);
    for (const plain of ["plain", "plain2"]) {
      assert(oldLogsIn(dir.join(plain)).every((name) => name.endsWith(".s")));
    }
  },
});

Deno.test({
  name: "multilog rotates a current that has reached its age=, though nothing arrives",
  ignore: isReference,
  async fn() {
    await using dir = await tempDir();
    await using multilog = start("multilog", ["age=1", "./aged", "age=0", "./kept"], {
      cwd: dir.path,
    });
    await multilog.write("one\n");
    await waitFor(() => oldLogsIn(dir.join("aged")).length > 0, { what: "rotation" });
    const [old] = oldLogsIn(dir.join("aged"));
    assertEquals(Deno.readTextFileSync(dir.join(`aged/${old}`)), "one\n");
    assertEquals(Deno.readTextFileSync(dir.join("aged/current")), "");
    assertEquals(oldLogsIn(dir.join("kept")), []);
  },
});

Deno.test({
  name: "multilog labels lines in UTC or local time with iso=",
  ignore: isReference,
  async fn() {
    await using dir = await tempDir();
    const options = { cwd: dir.path, env: { TZ: "Asia/Kolkata" }, stdin: "one\n" };
    const form = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\.\d{9}(Z|\+05:30) one$/;
    for (const [kind, zone] of [["utc", "Z"], ["local", "+05:30"]]) {
      const before = Date.now();
      await run("multilog", [`iso=${kind}`, `./${kind}`], options);
      const [line] = await linesOf(dir.join(kind!));
      const [, time, lineZone] = form.exec(line!) ?? [];
      assertEquals(lineZone, zone, line);
      const seconds = Date.parse(`${time}${zone}`);
      assert(seconds > before - 1000 && seconds <= Date.now(), line);
    }
  },
});

Deno.test("multilog needs little memory for a line without end", async () => {
  await using dir = await tempDir();
  const megabytes = isLong ? 1000 : 100;
  const script = `head -c ${megabytes}000000 /dev/zero | "$1" t s16777215 n2 ./log & pid=$!
    while kill -0 $pid 2>/dev/null; do
      grep VmHWM /proc/$pid/status; sleep 0.1
    done`;
  const { stdout } = await run("/bin/sh", ["-c", script, "sh", tool("multilog")], {
    cwd: dir.path,
    timeoutMs: 120_000,
  });
  const peaks = [...stdout.matchAll(/([0-9]+) kB/g)].map(([, kilobytes]) => Number(kilobytes));
  assert(Math.max(...peaks) < 100_000, `${Math.max(...peaks)} kB`);
});
