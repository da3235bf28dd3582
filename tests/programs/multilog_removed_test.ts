/** multilog when someone removes what it uses, or ends it in the midst of a rotation. */

import { assertEquals } from "@std/assert";
import { namesIn, type TempDir, tempDir } from "../support/temp.ts";
import { isReference, run, start, type Started } from "../support/tools.ts";
import { pause, waitFor } from "../support/wait.ts";

/** Writes a line, and waits until it is in a file, or in all that were kept of it. */
async function writeLine(multilog: Started, line: string, file: string): Promise<void> {
  await multilog.write(`${line}\n`);
  const isThere = () => Deno.readTextFileSync(file).endsWith(`${line}\n`);
  await waitFor(isThere, { what: `${line} in ${file}` });
}

function test(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, ignore: isReference, fn });
}

test("multilog makes a removed directory again, with all that was in current", async () => {
  await using dir = await tempDir();
  await using multilog = start("multilog", ["s4096", "n100", "./log"], { cwd: dir.path });
  const lines = Array.from({ length: 1000 }, (_, index) => `n${String(index).padStart(9, "0")}\n`);
  await writeLine(multilog, lines[0]!.trim(), dir.join("log/current"));
  await Deno.remove(dir.join("log"), { recursive: true });
  for (const line of lines.slice(1)) await multilog.write(line);
  await multilog.waitForOutput("multilog: warning: ./log/current was removed; it is there again\n");
  await multilog.closeStdin();
  assertEquals((await multilog.status).code, 0);
  const files = namesIn(dir.join("log")).filter((name) => name !== "lock" && name !== "state");
  const text = files.map((name) => Deno.readTextFileSync(dir.join(`log/${name}`))).join("");
  assertEquals(text, lines.join(""));
});

test("multilog writes a current that was removed again, and ends", async () => {
  await using dir = await tempDir();
  await using multilog = start("multilog", ["./log"], { cwd: dir.path });
  await writeLine(multilog, "one", dir.join("log/current"));
  await Deno.remove(dir.join("log/current"));
  await multilog.write("two\n");
  await multilog.closeStdin();
  assertEquals((await multilog.status).code, 0);
  assertEquals(Deno.readTextFileSync(dir.join("log/current")), "one\ntwo\n");
  assertEquals(namesIn(dir.join("log")), ["current", "lock", "state"]);
  assertEquals(
    multilog.stderr,
    "multilog: warning: ./log/current was removed; it is there again\n",
  );
});

test("multilog ends though the place of its log is gone", async () => {
  await using dir = await tempDir();
  await Deno.mkdir(dir.join("service"));
  await using multilog = start("multilog", ["./log"], { cwd: dir.join("service") });
  await writeLine(multilog, "one", dir.join("service/log/current"));
  await Deno.remove(dir.join("service"), { recursive: true });
  multilog.kill("SIGTERM");
  assertEquals((await multilog.status).code, 0);
  assertEquals(
    multilog.stderr,
    "multilog: warning: ./log/current was removed, with the place where it was\n",
  );
});

test("multilog keeps the log that it finds where its own was removed", async () => {
  await using dir = await tempDir();
  await using multilog = start("multilog", ["./log"], { cwd: dir.path });
  await writeLine(multilog, "one", dir.join("log/current"));
  await Deno.remove(dir.join("log"), { recursive: true });
  await Deno.mkdir(dir.join("log"));
  await Deno.writeTextFile(dir.join("log/current"), "precious\n", { mode: 0o744 });
  await Deno.writeTextFile(dir.join("log/previous"), "before\n");
  await Deno.writeTextFile(dir.join("log/state"), "of the processor\n");
  await multilog.write("two\n");
  await multilog.closeStdin();
  assertEquals((await multilog.status).code, 0);
  const contents = namesIn(dir.join("log")).map((name) =>
    `${name.replace(/^@.*\./, "@.")}: ${Deno.readTextFileSync(dir.join(`log/${name}`))}`
  );
  assertEquals(contents, [
    "@.u: before\n",
    "@.u: precious\n",
    "current: one\ntwo\n",
    "lock: ",
    "state: of the processor\n",
  ]);
});

test("multilog gives up a processor's file when the directory is removed, not the lines", async () => {
  await using dir = await tempDir();
  const script = ["!while [ ! -e ../go ]; do sleep 0.02; done; cat", "./log"];
  await using multilog = start("multilog", script, { cwd: dir.path });
  await writeLine(multilog, "one", dir.join("log/current"));
  multilog.kill("SIGALRM");
  await waitFor(() => namesIn(dir.join("log")).includes("newstate"), { what: "the processor" });
  await writeLine(multilog, "two", dir.join("log/current"));
  await Deno.remove(dir.join("log"), { recursive: true });
  await Deno.writeTextFile(dir.join("go"), "");
  await multilog.write("three\n");
  await multilog.closeStdin();
  assertEquals((await multilog.status).code, 0);
  assertEquals(Deno.readTextFileSync(dir.join("log/current")), "two\nthree\n");
  assertEquals(namesIn(dir.join("log")), ["current", "lock", "state"]);
});

test("multilog that is ending begins no other rotation, and waits for the last one", async () => {
  await using dir = await tempDir();
  const script = ["age=1", "!while [ ! -e ../go ]; do sleep 0.02; done; tr a-z A-Z", "./log"];
  await using multilog = start("multilog", script, { cwd: dir.path });
  await multilog.write("one\n");
  await waitFor(() => namesIn(dir.join("log")).includes("newstate"), { what: "the processor" });
  await writeLine(multilog, "two", dir.join("log/current"));
  multilog.kill("SIGTERM");
  // The age of what is in current now is reached meanwhile.
  await pause(1200);
  multilog.kill("SIGALRM");
  assertEquals(multilog.ended, false);
  await Deno.writeTextFile(dir.join("go"), "");
  assertEquals((await multilog.status).code, 0);
  const [old, ...others] = namesIn(dir.join("log"));
  assertEquals(others, ["current", "lock", "state"]);
  assertEquals(Deno.readTextFileSync(dir.join(`log/${old}`)), "ONE\n");
  assertEquals(Deno.readTextFileSync(dir.join("log/current")), "two\n");
});

test("multilog waits for an age of months", async () => {
  await using dir = await tempDir();
  const { code, stderr } = await run("multilog", ["age=9000000000", "./log"], {
    cwd: dir.path,
    stdin: "one\n",
  });
  assertEquals([code, stderr], [0, ""]);
  assertEquals(Deno.readTextFileSync(dir.join("log/current")), "one\n");
});

test("multilog is silent about a file that went while it was compressed", async () => {
  await using dir = await tempDir();
  const lines = Array.from({ length: 200_000 }, (_, index) => `${index}\n`).join("");
  const script = ["s8192", "n2", "gzip=yes", "./log"];
  const { code, stderr } = await run("multilog", script, { cwd: dir.path, stdin: lines });
  assertEquals([code, stderr], [0, ""]);
  assertEquals(namesIn(dir.join("log")).filter((name) => !name.startsWith("@")), [
    "current",
    "lock",
    "state",
  ]);
});

test("multilog does not take text for a label where a file begins inside a line", async () => {
  await using dir = await tempDir();
  const long = `${"x".repeat(4096 - 26)}@40000003ac5c1500000000ff yyyyyyyyyy\n`;
  for (const stdin of [long, "later\n"]) {
    await run("multilog", ["t", "s4096", "./log"], { cwd: dir.path, stdin });
  }
  const last = Deno.readTextFileSync(dir.join("log/current")).split("\n").at(-2)!;
  assertEquals([last.slice(0, 10), last.slice(26)], ["@400000006", "later"]);
});

/** Numbered lines, of which some are written before something happens to `current`. */
async function logAround(
  dir: TempDir,
  happens: string,
): Promise<{ stderr: string; lines: string[]; files: Map<string, string> }> {
  await using multilog = start("multilog", ["s4096", "n100", "./log"], { cwd: dir.path });
  const lines = Array.from({ length: 600 }, (_, index) => `n${String(index).padStart(9, "0")}`);
  await multilog.write(lines.slice(0, 100).map((line) => `${line}\n`).join(""));
  await waitFor(() => Deno.readTextFileSync(dir.join("log/current")).includes(lines[99]!), {
    what: "the first lines",
  });
  assertEquals((await run("/bin/sh", ["-c", happens], { cwd: dir.join("log") })).code, 0);
  await multilog.write(lines.slice(100).map((line) => `${line}\n`).join(""));
  await multilog.closeStdin();
  await waitFor(() => multilog.ended || undefined, { what: "multilog to end" });
  assertEquals((await multilog.status).code, 0);
  const files = new Map<string, string>();
  for (const name of namesIn(dir.join("log"))) {
    const isFile = Deno.lstatSync(dir.join(`log/${name}`)).isFile;
    const shown = name.replace(/@[0-9a-f]{24}/, "@");
    if (isFile) files.set(name, Deno.readTextFileSync(dir.join(`log/${name}`)));
    else files.set(shown, "no file");
  }
  const logged = [...files].filter(([name]) => name.startsWith("@") || name === "current")
    .map(([, text]) => text).join("").split("\n").slice(0, -1);
  const stderr = multilog.stderr.replaceAll(/@[0-9a-f]{24}/g, "@");
  return { stderr, lines: logged, files };
}

const ALL = Array.from({ length: 600 }, (_, index) => `n${String(index).padStart(9, "0")}`);

test("multilog keeps its lines and the file that somebody put in the place of current", async () => {
  await using dir = await tempDir();
  const { stderr, lines } = await logAround(dir, "rm current; echo precious >current");
  assertEquals(lines, ["precious", ...ALL]);
  assertEquals(stderr.split("\n"), [
    "multilog: warning: ./log/current was replaced; what was found there is kept as @.u",
    "multilog: warning: ./log/current was removed; it is there again",
    "",
  ]);
});

test("multilog keeps its lines and the link that somebody put in the place of current", async () => {
  await using dir = await tempDir();
  const { stderr, lines, files } = await logAround(dir, "rm current; ln -s nowhere current");
  assertEquals(lines, ALL);
  assertEquals(files.get("current.@"), "no file");
  assertEquals(stderr.split("\n").slice(0, 2), [
    "multilog: warning: ./log/current was replaced; what was found there is kept as current.@",
    "multilog: warning: ./log/current was removed; it is there again",
  ]);
});

test("multilog goes on when current was moved away, and leaves it where it is", async () => {
  await using dir = await tempDir();
  const { stderr, lines, files } = await logAround(dir, "mv current x");
  const moved = files.get("x")!.split("\n").slice(0, -1);
  assertEquals([...moved, ...lines], ALL);
  assertEquals(
    stderr,
    "multilog: warning: ./log/current was moved away; what follows goes into a new one\n",
  );
});

test("multilog overwrites no previous that somebody made", async () => {
  await using dir = await tempDir();
  const { stderr, lines } = await logAround(dir, "echo precious >previous");
  assertEquals([lines.sort(), stderr], [[...ALL, "precious"], ""]);
});

test("multilog keeps its lines though somebody gave current another name, too", async () => {
  await using dir = await tempDir();
  const { stderr, lines } = await logAround(dir, "ln current ../backup");
  assertEquals([lines, stderr], [ALL, ""]);
});

test("multilog goes on where a directory has the name of previous or processed", async () => {
  for (const name of ["previous", "processed"]) {
    await using dir = await tempDir();
    const { stderr, lines, files } = await logAround(dir, `mkdir ${name}`);
    assertEquals(lines, ALL, name);
    assertEquals(files.get(`${name}.@`), "no file");
    assertEquals(
      stderr,
      `multilog: warning: ./log/${name} is a directory; it is kept as ${name}.@\n`,
    );
  }
});
