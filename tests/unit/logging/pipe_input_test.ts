import { assertEquals } from "@std/assert";
import { type Bytes, decode, encode } from "../../../src/base/bytes.ts";
import { ERRNO } from "../../../src/base/errno.ts";
import { WOULD_BLOCK } from "../../../src/base/kernel_constants.ts";
import { SystemError } from "../../../src/base/system_error.ts";
import {
  LARGEST_LOOK,
  LONGEST_STAY,
  LookPipe,
  PipeInput,
} from "../../../src/logging/pipe_input.ts";

const INPUT = 0;
const [LOOK_IN, LOOK_OUT] = [8, 9];

/** Pipes: the input with some text, and the one for looking. */
function pipes(text: string) {
  const contents = new Map([[INPUT, text], [LOOK_OUT, ""]]);
  const read = (fd: number, into: Bytes) => {
    const waiting = contents.get(fd)!;
    const bytes = encode(waiting.slice(0, into.length));
    into.set(bytes);
    contents.set(fd, waiting.slice(bytes.length));
    return bytes.length;
  };
  return {
    contents,
    read,
    readNow: read,
    statFd: () => ({
      kind: "fifo" as const,
      device: 1,
      inode: 7n,
      size: 0,
      permissions: 0o600,
      links: 1,
      uid: 0,
    }),
    pipe: () => ({ readFd: LOOK_OUT, writeFd: LOOK_IN }),
    tee: (from: number, to: number, length: number) => {
      assertEquals([from, to, contents.get(LOOK_OUT)], [INPUT, LOOK_IN, ""]);
      const seen = contents.get(INPUT)!.slice(0, length);
      contents.set(LOOK_OUT, seen);
      return seen === "" ? WOULD_BLOCK : seen.length;
    },
  };
}

/** Room for a read of so many bytes. */
const memoryFor = (size: number): Bytes => new Uint8Array(LONGEST_STAY + size);

Deno.test("PipeInput leaves in the pipe what a read gives until it is taken out", () => {
  const kernel = pipes("one two");
  const input = new PipeInput(kernel, new LookPipe(kernel), INPUT);
  const memory = memoryFor(4);
  assertEquals([input.read(memory, 4), decode(memory.subarray(0, 4))], [4, "one "]);
  assertEquals([kernel.contents.get(INPUT), decode(input.waiting()!)], ["one two", "one "]);
  input.takeOut();
  assertEquals([kernel.contents.get(INPUT), input.unseen()], ["two", undefined]);
  assertEquals([input.read(memory, 4), decode(memory.subarray(0, 3))], [3, "two"]);
  input.takeOut();
  assertEquals([input.waiting(), input.unseen()], [undefined, undefined]);
  assertEquals(input.read(memory, 4), WOULD_BLOCK);
});

Deno.test("PipeInput takes out one part after the other, also when its memory is used again", () => {
  const kernel = pipes("a\nb\nc\nrest\n");
  const input = new PipeInput(kernel, new LookPipe(kernel), INPUT);
  const memory = memoryFor(5);
  assertEquals(input.read(memory, 5), 5);
  input.takeOut(0);
  input.takeOut(2);
  assertEquals(kernel.contents.get(INPUT), "b\nc\nrest\n");
  input.keep();
  memory.fill(0);
  assertEquals(decode(input.waiting(4)!), "b\n");
  input.takeOut(4);
  input.takeOut(4);
  assertEquals([kernel.contents.get(INPUT), input.unseen()], ["c\nrest\n", undefined]);
  // The third line is cut, and stays.
  input.takeOut();
  assertEquals([input.read(memory, 5), input.start], [5, 1]);
  assertEquals(decode(memory.subarray(0, 6)), "c\nrest");
  input.takeOut(1);
  assertEquals(kernel.contents.get(INPUT), "rest\n");
});

/** Reads, takes out, and tells what was given and what is in the pipe then. */
function log(kernel: ReturnType<typeof pipes>, input: PipeInput, size: number) {
  const memory = memoryFor(size);
  const count = input.read(memory, size);
  input.takeOut();
  assertEquals(input.unseen(), undefined);
  const given = memory.subarray(input.start, input.start + Math.max(0, count));
  return [decode(given), kernel.contents.get(INPUT)];
}

Deno.test("PipeInput leaves the beginning of a line that is cut, and gives it once", () => {
  const kernel = pipes("one\ntwo\nthree\n");
  const input = new PipeInput(kernel, new LookPipe(kernel), INPUT);
  assertEquals(log(kernel, input, 6), ["one\ntw", "two\nthree\n"]);
  assertEquals(log(kernel, input, 6), ["o\nthre", "three\n"]);
  assertEquals(log(kernel, input, 1), ["e", "\n"]);
  assertEquals(log(kernel, input, 6), ["\n", ""]);
});

Deno.test("PipeInput takes out what stayed when nothing follows, or much is read", () => {
  for (const size of [6, LARGEST_LOOK + 1]) {
    const kernel = pipes("one\ntw");
    const input = new PipeInput(kernel, new LookPipe(kernel), INPUT);
    assertEquals(log(kernel, input, 6), ["one\ntw", "tw"]);
    if (size > LARGEST_LOOK) kernel.contents.set(INPUT, "two\n");
    const rest = size > LARGEST_LOOK ? "o\n" : "";
    assertEquals(log(kernel, input, size), [rest, ""]);
  }
});

Deno.test("PipeInput leaves no long beginning: who logs may have written it", () => {
  const kernel = pipes(`\n${"x".repeat(600)}\n`);
  const input = new PipeInput(kernel, new LookPipe(kernel), INPUT);
  assertEquals(log(kernel, input, 514)[1], "x\n".padStart(88, "x"));
});

Deno.test("PipeInput takes a large read out at once", () => {
  const kernel = pipes("text");
  const input = new PipeInput(kernel, new LookPipe(kernel), INPUT);
  assertEquals(input.read(memoryFor(LARGEST_LOOK + 1), LARGEST_LOOK + 1), 4);
  assertEquals(kernel.contents.get(INPUT), "");
  input.takeOut();
  assertEquals(input.unseen(), undefined);
});

Deno.test("PipeInput gives what somebody else's reading brought, and then reads as others do", () => {
  const kernel = pipes("mine other more");
  const input = new PipeInput(kernel, new LookPipe(kernel), INPUT);
  assertEquals(input.read(memoryFor(5), 5), 5);
  kernel.contents.set(INPUT, "other more");
  input.takeOut();
  assertEquals(decode(input.unseen()!), "other");
  assertEquals([input.read(memoryFor(5), 5), kernel.contents.get(INPUT)], [5, ""]);
});

for (const failing of ["pipe", "tee"] as const) {
  Deno.test(`PipeInput reads as others do where ${failing} fails`, () => {
    const kernel = pipes("text");
    let failures = 0;
    kernel[failing] = () => {
      failures++;
      throw new SystemError(failing, ERRNO.EINVAL);
    };
    const input = new PipeInput(kernel, new LookPipe(kernel), INPUT);
    for (let times = 0; times < 2; times++) {
      assertEquals(input.read(memoryFor(2), 2), 2);
      input.takeOut();
      assertEquals(input.unseen(), undefined);
    }
    assertEquals([kernel.contents.get(INPUT), failures], ["", 1]);
  });
}

Deno.test("PipeInput looks at what is next, and takes out of that what is logged", () => {
  const kernel = pipes("one\ntw");
  const input = new PipeInput(kernel, new LookPipe(kernel), INPUT);
  assertEquals([input.inode, input.peek(7), input.peek(1 << 20)], [7n, undefined, undefined]);
  kernel.contents.set(8, "");
  kernel.contents.set(9, "");
  const next = input.peek(6)!;
  assertEquals(decode(next), "one\ntw");
  input.drop(next);
  assertEquals(kernel.contents.get(INPUT), "tw");
});
