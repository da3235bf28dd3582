import { assertEquals } from "@std/assert";
import { type Bytes, decode, encode } from "../../../src/base/bytes.ts";
import { ERRNO } from "../../../src/base/errno.ts";
import { WOULD_BLOCK } from "../../../src/base/kernel_constants.ts";
import { SystemError } from "../../../src/base/system_error.ts";
import { LARGEST_LOOK, LookPipe, PipeInput } from "../../../src/logging/pipe_input.ts";

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
    pipe: () => ({ readFd: LOOK_OUT, writeFd: LOOK_IN }),
    tee: (from: number, to: number, length: number) => {
      assertEquals([from, to, contents.get(LOOK_OUT)], [INPUT, LOOK_IN, ""]);
      const seen = contents.get(INPUT)!.slice(0, length);
      contents.set(LOOK_OUT, seen);
      return seen === "" ? WOULD_BLOCK : seen.length;
    },
  };
}

Deno.test("PipeInput leaves in the pipe what a small read gives until it is taken out", () => {
  const kernel = pipes("one two");
  const input = new PipeInput(kernel, new LookPipe(kernel), INPUT);
  const into: Bytes = new Uint8Array(4);
  assertEquals([input.read(into), decode(into)], [4, "one "]);
  assertEquals(kernel.contents.get(INPUT), "one two");
  input.takeOut();
  assertEquals([kernel.contents.get(INPUT), input.unseen()], ["two", undefined]);
  assertEquals([input.read(into), decode(into.subarray(0, 3))], [3, "two"]);
  input.takeOut();
  assertEquals([input.unseen(), input.read(into)], [undefined, WOULD_BLOCK]);
});

/** Reads, takes out, and tells what was given and what is in the pipe then. */
function log(kernel: ReturnType<typeof pipes>, input: PipeInput, size: number) {
  const into: Bytes = new Uint8Array(size);
  const count = input.read(into);
  input.takeOut();
  assertEquals(input.unseen(), undefined);
  return [decode(into.subarray(0, Math.max(0, count))), kernel.contents.get(INPUT)];
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
  assertEquals(input.read(new Uint8Array(LARGEST_LOOK + 1)), 4);
  assertEquals(kernel.contents.get(INPUT), "");
  input.takeOut();
  assertEquals(input.unseen(), undefined);
});

Deno.test("PipeInput gives what somebody else's reading brought, and then reads as others do", () => {
  const kernel = pipes("mine other more");
  const input = new PipeInput(kernel, new LookPipe(kernel), INPUT);
  assertEquals(input.read(new Uint8Array(5)), 5);
  kernel.contents.set(INPUT, "other more");
  input.takeOut();
  assertEquals(decode(input.unseen()!), "other");
  assertEquals([input.read(new Uint8Array(5)), kernel.contents.get(INPUT)], [5, ""]);
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
      assertEquals(input.read(new Uint8Array(2)), 2);
      input.takeOut();
      assertEquals(input.unseen(), undefined);
    }
    assertEquals([kernel.contents.get(INPUT), failures], ["", 1]);
  });
}
