/**
 * A log stream on a fake kernel, killed right before each call of the kernel in turn: what was in
 * the pipe is in the log afterwards, all of it, once, and in order.
 */

import { assert, assertEquals } from "@std/assert";
import { encode } from "../../src/base/bytes.ts";
import { ERRNO } from "../../src/base/errno.ts";
import { SystemError } from "../../src/base/system_error.ts";
import { LARGEST_NOTE } from "../../src/logging/directory/write_note.ts";
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
/** So many streams are killed at the same time. */
const AT_ONCE = 20;

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
const LINES = Array.from({ length: 120 }, (_, index) => lineOf(index));
/** Several blocks of whole lines, a small one among them. */
const BLOCKS = [[0, 35], [35, 38], [38, 75], [75, 120]].map(([start, end]) =>
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
  { blocks, prepare = () => {}, nextCalls, check }: {
    blocks: readonly string[];
    nextCalls?: (calls: number) => number;
    prepare?: (kernel: FakeLogKernel) => void;
    check: (kernel: FakeLogKernel, calls: number) => void;
  },
): Promise<void> {
  /** Returns whether it was killed. */
  const killBefore = async (calls: number): Promise<boolean> => {
    const kernel = new FakeLogKernel();
    kernel.isPipe = true;
    prepare(kernel);
    const rest = [...blocks];
    const killed = await run(kernel, { words, blocks: rest, calls });
    if (nextCalls !== undefined) {
      await run(kernel, { words, blocks: rest, calls: nextCalls(calls) });
    }
    await run(kernel, { words, blocks: rest, calls: MANY_CALLS });
    assertEquals([rest, kernel.input, kernel.bugs], [[], "", []]);
    check(kernel, calls);
    return killed;
  };
  // Most of their time is spent waiting.
  for (let calls = 0;; calls += AT_ONCE) {
    assert(calls < MANY_CALLS);
    const all = Array.from({ length: AT_ONCE }, (_, index) => killBefore(calls + index));
    if ((await Promise.all(all)).includes(false)) return;
  }
}

/** All that was read is in the log, once. */
async function expectAll(
  words: string[],
  blocks: readonly string[],
  options: Pick<Parameters<typeof killEverywhere>[1], "nextCalls" | "prepare"> = {},
): Promise<void> {
  await killEverywhere(words, {
    blocks,
    ...options,
    check(kernel, calls) {
      const text = logged(kernel).replaceAll(/^@[0-9a-f]{24} /gm, "");
      // Told in lines, which is much shorter, where lines are lost or doubled.
      const lost = BLOCKS.join("").match(/.*\n/g)!.filter((line) => !text.includes(line));
      if (text !== blocks.join("")) assertEquals(lost.join(""), "", `killed before call ${calls}`);
      assertEquals(text, blocks.join(""), `killed before call ${calls}`);
    },
  });
}

/** The same, but lines are cut: a beginning alone, one that takes three blocks, and a long rest. */
const CUT_BLOCKS = (() => {
  const all = BLOCKS.join("");
  const cuts = [0, 3, 100, 101, 102, 1500, 1501, 2111, all.length];
  return cuts.slice(1).map((end, index) => all.slice(cuts[index], end));
})();
const SAME_LINES = "the same line each time\n".repeat(60);
const INPUTS = {
  "whole lines": BLOCKS,
  "lines that are cut": CUT_BLOCKS,
  "the same lines": [SAME_LINES, SAME_LINES, SAME_LINES, "the same line each time\n"],
};

const SCRIPTS = [
  ["./log"],
  ["s4096", "n100", "./log"],
  ["t", "s4096", "n100", "./log"],
  ["-nothing*", "s4096", "n100", "./log"],
];
for (const [what, blocks] of Object.entries(INPUTS)) {
  for (const words of what === "whole lines" ? SCRIPTS : SCRIPTS.slice(1, 3)) {
    Deno.test(`LogStream ${words.join(" ")} loses and doubles nothing of ${what}, whenever it is killed`, async () => {
      await expectAll(words, blocks);
    });
  }
}

for (const step of [1, 7, 17]) {
  Deno.test(`LogStream loses and doubles nothing when it is killed again, at call ${step}, ${2 * step} ...`, async () => {
    // More than a start takes, and less than all that there is to do.
    const nextCalls = (calls: number) => calls * step % 61;
    await expectAll(["t", "s4096", "n100", "./log"], CUT_BLOCKS, { nextCalls });
  });
}

Deno.test("LogStream loses and doubles nothing of different lines on a file server, whenever it is killed", async () => {
  const prepare = (kernel: FakeLogKernel) => {
    kernel.isDiskLocal = false;
    kernel.splice = (_from, _to, _length, offset) => {
      assertEquals(offset, undefined);
      throw new SystemError("splice", ERRNO.EINVAL);
    };
  };
  await expectAll(["t", "s4096", "n100", "./log"], BLOCKS, { prepare });
});

for (const call of ["write", "fsync", "rename"]) {
  Deno.test(`LogStream loses and doubles nothing when it is killed while ${call} fails`, async () => {
    const prepare = (kernel: FakeLogKernel) => {
      kernel.failures[call] = ["ENOSPC", "ENOSPC", "ENOSPC"];
    };
    await expectAll(["s4096", "n100", "./log"], CUT_BLOCKS, { prepare });
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
  await expectAll(["./log"], CUT_BLOCKS, { prepare });
});

Deno.test("LogStream writes no note over what somebody has in the file lock", async () => {
  for (const contents of ["something else", "", "multilog"]) {
    const kernel = new FakeLogKernel();
    kernel.isPipe = true;
    kernel.put("lock", contents);
    await run(kernel, { words: ["./log"], blocks: [...BLOCKS], calls: MANY_CALLS });
    assertEquals(logged(kernel), BLOCKS.join(""));
    const isNote = kernel.contents("lock").length === LARGEST_NOTE;
    assertEquals(isNote, contents !== "something else", contents);
    if (!isNote) assertEquals(kernel.contents("lock"), contents);
  }
});
