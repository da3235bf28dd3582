/**
 * multilog against daemontools' own, where that is installed: random scripts on random input, and
 * the log directories that both leave compared file by file, with the labels masked.
 *
 * Set DAEMONTOOLS_TEST_LONG=1 for a thousand cases: two or three minutes. The seed is printed on
 * failure.
 */

import { assertEquals } from "@std/assert";
import { existsSync } from "@std/fs/exists";
import { writeExecutable } from "../support/executable.ts";
import { namesIn, tempDir } from "../support/temp.ts";
import { isReference, run, tool } from "../support/tools.ts";

const ORACLE = "/usr/bin/multilog";
const isLong = Boolean(Deno.env.get("DAEMONTOOLS_TEST_LONG"));
const CASES = isLong ? 1000 : 30;
const HOSTED_CASES = isLong ? 300 : 10;

/** Numbers from a seed: the same ones each time. */
class Random {
  constructor(private state: number) {}

  /** A whole number below `limit`. */
  below(limit: number): number {
    this.state = (Math.imul(this.state, 1664525) + 1013904223) >>> 0;
    return Math.floor(this.state / 2 ** 32 * limit);
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)]!;
  }
}

const LENGTHS = [0, 0, 1, 5, 20, 60, 199, 200, 201, 973, 974, 975, 999, 1000, 1001, 1500, 4096];

function randomInput(random: Random, size: number): Uint8Array<ArrayBuffer> {
  const parts: number[] = [];
  const lines = 1 + random.below(120);
  for (let line = 0; line < lines; line++) {
    let length = random.pick(LENGTHS) + random.below(3);
    if (random.below(40) === 0) length = Math.max(0, size - 2000 + random.below(4000));
    const seed = random.below(3);
    for (let index = 0; index < length; index++) {
      parts.push(
        seed === 0 ? 0x78 + random.below(3) : random.pick([0x78, 0x79, 0x20, 0x2a, 0, 255]),
      );
    }
    if (line < lines - 1 || random.below(3) > 0) parts.push(0x0a);
  }
  return Uint8Array.from(parts);
}

// No letter that a label may hold: what they select must not depend on the clock.
const PATTERNS = ["*", "x*", "*y", "", "*x*y", "*xy*", "**", "x", "@*", "* x*", "*z*x"];

function randomScript(random: Random, size: number): string[] {
  const script: string[] = [];
  if (random.below(2) === 0) script.push("t");
  const directories = 1 + random.below(3);
  for (let index = 0; index < directories; index++) {
    for (let count = random.below(3); count > 0; count--) {
      script.push(random.pick(["+", "-"]) + random.pick(PATTERNS));
    }
    if (random.below(4) === 0) script.push("=status" + index);
    if (random.below(6) === 0) script.push("e");
    if (random.below(3) === 0) script.push("s" + size);
    if (random.below(3) === 0) script.push("n" + random.below(20));
    if (random.below(8) === 0) script.push("!tr x-y X-Y");
    script.push("./log" + index);
  }
  return script;
}

const mask = (bytes: Uint8Array) =>
  new TextDecoder("latin1").decode(bytes).replace(/@[0-9a-f]{24}/g, "@LABEL");

/** The length of a text and a number that tells it from others: enough to compare. */
function digest(text: string): string {
  let hash = 0;
  for (let index = 0; index < text.length; index++) {
    hash = (Math.imul(hash, 31) + text.charCodeAt(index)) | 0;
  }
  return `${text.length} bytes, ${hash}`;
}

/** What is in a directory: names, modes and contents, the old files in order. */
async function describe(path: string): Promise<string[]> {
  const lines: string[] = [];
  const names = namesIn(path);
  for (const name of names) {
    const { isDirectory, mode } = await Deno.stat(`${path}/${name}`);
    if (isDirectory) lines.push(`${name}/`, ...await describe(`${path}/${name}`));
    else {
      // Ours has a note in the lock.
      const text = name === "lock" ? "" : mask(await Deno.readFile(`${path}/${name}`));
      lines.push(
        `${mask(new TextEncoder().encode(name))} ${(mode! & 0o777).toString(8)} ${digest(text)}`,
      );
    }
  }
  return lines;
}

/** Runs a script with a regular file as input, so that what is read at a time is determined. */
async function logInto(program: string, script: readonly string[], dir: string, input: string) {
  await Deno.mkdir(dir);
  const { code, stderrBytes } = await run("/bin/sh", [
    "-c",
    'input=$1; shift; exec "$@" <"$input"',
    "sh",
    input,
    program,
    ...script,
  ], { cwd: dir });
  return { code, stderr: mask(stderrBytes), files: await describe(dir) };
}

/** Lets both multilogs do the same, and compares what they leave. */
async function compare(multilog: string, cases: number): Promise<void> {
  const first = Number(Deno.env.get("DAEMONTOOLS_TEST_SEED") ?? 1);
  const seeds = Array.from({ length: cases }, (_, index) => first + index);
  // Among them always one where much goes to three logs.
  for (const seed of new Set([...seeds, 156])) {
    await using dir = await tempDir();
    const random = new Random(seed * 7919);
    const size = random.pick([4096, 4096, 5000, 8192, 20000]);
    const script = randomScript(random, size);
    const input = dir.join("input");
    await Deno.writeFile(input, randomInput(random, size));
    const theirs = await logInto(ORACLE, script, dir.join("theirs"), input);
    const ours = await logInto(multilog, script, dir.join("ours"), input);
    // Lines that several processes write at once to one place have no order; ours have.
    assertEquals(ours, theirs, `seed ${seed}: multilog ${script.join(" ")}`);
  }
}

Deno.test({
  name: "multilog leaves what daemontools' multilog leaves, for random scripts and input",
  ignore: !existsSync(ORACLE),
  fn: () => compare(tool("multilog"), CASES),
});

Deno.test({
  name: "log-host leaves what daemontools' multilog leaves, for random scripts and input",
  ignore: !existsSync(ORACLE) || isReference,
  async fn() {
    await using dir = await tempDir();
    const multilog = dir.join("multilog");
    const hosted = new URL("../support/hosted_multilog.ts", import.meta.url).pathname;
    const command = [Deno.execPath(), "run", "--quiet", "--no-config", "--no-check", "--allow-all"];
    const words = [...command, decodeURIComponent(hosted), tool("multilog")];
    const quoted = words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
    await writeExecutable(multilog, `#!/bin/sh\nexec ${quoted} "$@"\n`);
    await compare(multilog, HOSTED_CASES);
  },
});
