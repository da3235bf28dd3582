/**
 * A log stream on a fake kernel, killed right before each call of the kernel in turn: what was in
 * the pipe is in the log afterwards, all of it, once, and in order.
 */

import { assert, assertEquals } from "@std/assert";
import { encode } from "../../src/base/bytes.ts";
import { ERRNO } from "../../src/base/errno.ts";
import { SystemError } from "../../src/base/system_error.ts";
import { NOTE_SIZE } from "../../src/logging/directory/write_note.ts";
import { LogStream } from "../../src/logging/log_stream.ts";
import { LookPipe } from "../../src/logging/pipe_input.ts";
import { parseScript } from "../../src/logging/script.ts";
import type { StreamContext } from "../../src/logging/stream_context.ts";
import { FakeLogKernel } from "./fake_log_kernel.ts";

const KILLED = new Error("killed");
/** More calls than any of the streams below makes. */
const MANY_CALLS = 10_000;
/** More pauses than they make. */
const MANY_PAUSES = 100;
const PAUSE_MS = 6000;

/** A context whose kernel does so many calls, and then nothing any more. */
function mortal(kernel: FakeLogKernel, calls: number): StreamContext {
  let left = calls;
  const dying = new Proxy(kernel, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== "function") return value;
      return (...args: unknown[]): unknown => {
        if (left-- <= 0) throw KILLED;
        return value.apply(target, args);
      };
    },
  });
  return { ...kernel.context, kernel: dying, lookPipe: new LookPipe(dying) };
}

/** Whether what ended a stream is the kill. */
function isKill(error: unknown): boolean {
  if (error !== KILLED) throw error;
  return true;
}

/**
 * Runs a stream over blocks of input; each comes when all before it is taken in.
 *
 * @returns whether it was killed
 */
async function run(
  kernel: FakeLogKernel,
  { words, blocks, calls }: { words: string[]; blocks: string[]; calls: number },
): Promise<boolean> {
  let stream: LogStream;
  try {
    const context = mortal(kernel, calls);
    stream = await kernel.until(LogStream.open(context, 0, parseScript(words.map(encode))));
  } catch (error) {
    return isKill(error);
  }
  let killed = false;
  const ended = stream.run().catch((error) => killed = isKill(error));
  const seeBugs = () => {
    for (const bug of kernel.bugs.splice(0)) killed ||= isKill(bug);
  };
  // A failure is tried again after five seconds.
  for (let pauses = 0; pauses < MANY_PAUSES && !killed; pauses++) {
    await kernel.pass(PAUSE_MS);
    seeBugs();
    if (kernel.input !== "") continue;
    if (blocks.length === 0) break;
    kernel.input = blocks.shift()!;
  }
  if (!killed) {
    stream.stop();
    await kernel.until(Promise.race([ended, kernel.pass(PAUSE_MS)]));
    seeBugs();
  } else stream.abandon();
  kernel.isWatched = false;
  return killed;
}

const lineOf = (index: number) => `line ${index} ${"x".repeat(index % 50)}\n`;
const LINES = Array.from({ length: 240 }, (_, index) => lineOf(index));
/** Several blocks of whole lines, a small one among them. */
const BLOCKS = [[0, 70], [70, 75], [75, 150], [150, 240]].map(([start, end]) =>
  LINES.slice(start, end).join("")
);

/** All lines of the log, the oldest first. */
function logged(kernel: FakeLogKernel): string {
  const names = [...kernel.files.keys()].filter((name) => name.startsWith("@")).sort();
  return [...names, "previous", "current"].map((name) => kernel.contents(name)).join("");
}

/** Kills a stream before its first call, its second one, and so on. */
async function killEverywhere(
  words: string[],
  { blocks, prepare = () => {}, check }: {
    blocks: readonly string[];
    prepare?: (kernel: FakeLogKernel) => void;
    check: (kernel: FakeLogKernel, calls: number) => void;
  },
): Promise<void> {
  for (let calls = 0;; calls++) {
    assert(calls < MANY_CALLS);
    const kernel = new FakeLogKernel();
    kernel.isPipe = true;
    prepare(kernel);
    const rest = [...blocks];
    const killed = await run(kernel, { words, blocks: rest, calls });
    await run(kernel, { words, blocks: rest, calls: MANY_CALLS });
    assertEquals([rest, kernel.input, kernel.bugs], [[], "", []]);
    check(kernel, calls);
    if (!killed) return;
  }
}

/** What a kill between taking out and writing takes, where that is not noted. */
const SMALL_BLOCK = BLOCKS[1]!;

/** What is lost and doubled is told in lines: much shorter. */
async function expectAll(
  words: string[],
  blocks: readonly string[],
  { prepare, mayLose }: { prepare?: (kernel: FakeLogKernel) => void; mayLose?: string } = {},
): Promise<void> {
  const all = blocks.join("");
  let losses = 0;
  await killEverywhere(words, {
    blocks,
    ...prepare && { prepare },
    check(kernel, calls) {
      const text = logged(kernel).replaceAll(/^@[0-9a-f]{24} /gm, "");
      if (text === all) return;
      losses++;
      const lost = all.match(/.*\n/g)!.filter((line) => !text.includes(line)).join("");
      assertEquals(lost, mayLose, `killed before call ${calls}`);
      assertEquals(text, all.replace(lost, ""));
    },
  });
  // Between two calls, once; not at all where a new file begins within that.
  assert(losses <= 1);
}

for (const words of [["./log"], ["s4096", "n100", "./log"], ["t", "s4096", "n100", "./log"]]) {
  Deno.test(`LogStream ${words.join(" ")} loses and doubles nothing, whenever it is killed`, async () => {
    await expectAll(words, BLOCKS, { mayLose: SMALL_BLOCK });
  });
}

for (const call of ["write", "fsync", "rename"]) {
  Deno.test(`LogStream loses and doubles nothing when it is killed while ${call} fails`, async () => {
    const large = BLOCKS.filter((block) => block !== SMALL_BLOCK);
    const prepare = (kernel: FakeLogKernel) => {
      kernel.failures[call] = ["ENOSPC", "ENOSPC", "ENOSPC"];
    };
    await expectAll(["s4096", "n100", "./log"], large, { prepare });
  });
}

Deno.test("LogStream takes lines out before it writes them where it cannot note that", async () => {
  const kernel = new FakeLogKernel();
  kernel.isPipe = true;
  kernel.failures["writeAt"] = ["ENOSPC", "ENOSPC"];
  const inPipe: string[] = [];
  const { write } = kernel;
  kernel.write = (fd, bytes) => {
    inPipe.push(kernel.input);
    return write.call(kernel, fd, bytes);
  };
  const [block] = BLOCKS;
  await run(kernel, { words: ["./log"], blocks: [block!, block!], calls: MANY_CALLS });
  // Each is written in several calls.
  assertEquals([...new Set(inPipe)], ["", block]);
  assertEquals(logged(kernel), block!.repeat(2));
});

/** Lines that are longer than a file: files end in the midst of them. */
const LONG_LINES = Array.from(
  { length: 5 },
  (_, index) => `line ${index} ${String.fromCharCode(97 + index).repeat(5000)}\n`,
).join("");

Deno.test("LogStream loses and doubles nothing of lines that several files share", async () => {
  await killEverywhere(["s4096", "n100", "./log"], {
    blocks: [LONG_LINES],
    check(kernel, calls) {
      // The rest of a line follows in the next file, as it does where nothing is killed.
      assertEquals(logged(kernel) === LONG_LINES, true, `killed before call ${calls}`);
    },
  });
});

Deno.test("LogStream has room for its note before the disk is full", async () => {
  const large = BLOCKS.filter((block) => block !== SMALL_BLOCK);
  const prepare = (kernel: FakeLogKernel) => {
    const { write, writeAt } = kernel;
    let size = 0;
    kernel.writeAt = (fd, bytes, offset) => {
      if (size < offset + bytes.length && kernel.contents("current") !== "") {
        throw new SystemError("write", ERRNO.ENOSPC);
      }
      size = Math.max(size, offset + bytes.length);
      return writeAt.call(kernel, fd, bytes, offset);
    };
    // Takes some, and then nothing for a while.
    let writes = 0;
    kernel.write = (fd, bytes) => {
      if (++writes > 1 && writes < 5) throw new SystemError("write", ERRNO.ENOSPC);
      return write.call(kernel, fd, bytes);
    };
  };
  await expectAll(["./log"], large, { prepare });
});

Deno.test("LogStream writes no note over what somebody has in the file lock", async () => {
  for (const contents of ["something else", "", "multilog"]) {
    const kernel = new FakeLogKernel();
    kernel.isPipe = true;
    kernel.put("lock", contents);
    await run(kernel, { words: ["./log"], blocks: [...BLOCKS], calls: MANY_CALLS });
    assertEquals(logged(kernel), BLOCKS.join(""));
    const isNote = kernel.contents("lock").length === NOTE_SIZE;
    assertEquals(isNote, contents !== "something else", contents);
    if (!isNote) assertEquals(kernel.contents("lock"), contents);
  }
});

Deno.test("LogStream takes the same lines for those that it wrote in one moment only", async () => {
  const block = "the same line each time\n".repeat(100);
  const [lost, doubled]: [number[], number[]] = [[], []];
  await killEverywhere(["./log"], {
    blocks: [block, block, block],
    check(kernel, calls) {
      const text = logged(kernel);
      if (text === block.repeat(3)) return;
      if (text.length > 3 * block.length) doubled.push(calls);
      else lost.push(calls);
      assertEquals(text, block.repeat(text.length > 3 * block.length ? 4 : 2));
    },
  });
  // Between taking out and the note of that; once it is seen that they repeat, the other way round.
  assert(lost.length <= 1 && doubled.length <= 2, `${lost} ${doubled}`);
});
