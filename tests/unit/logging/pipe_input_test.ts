import { assertEquals } from "@std/assert";
import { type Bytes, decode, encode } from "../../../src/base/bytes.ts";
import { ERRNO } from "../../../src/base/errno.ts";
import { WOULD_BLOCK } from "../../../src/base/kernel_constants.ts";
import { SystemError } from "../../../src/base/system_error.ts";
import { LARGEST_LOOK, LookPipe, PipeInput } from "../../../src/logging/pipe_input.ts";

const INPUT = 0;
const [LOOK_IN, LOOK_OUT] = [8, 9];

/** Where the last byte goes that is taken out. */
const MARK = { fd: 5, offset: 7 };

/** Pipes: the input with some text, and the one for looking. */
function pipes(text: string) {
  const contents = new Map([[INPUT, text], [LOOK_OUT, ""]]);
  const marks: string[] = [];
  const read = (fd: number, into: Bytes) => {
    const waiting = contents.get(fd)!;
    const bytes = encode(waiting.slice(0, into.length));
    into.set(bytes);
    contents.set(fd, waiting.slice(bytes.length));
    return bytes.length;
  };
  return {
    contents,
    marks,
    splice: (from: number, to: number, length: number, offset?: number) => {
      const moved = contents.get(from)!.slice(0, length);
      contents.set(from, contents.get(from)!.slice(length));
      if (offset === undefined) {
        assertEquals(to, LOOK_IN);
        contents.set(LOOK_OUT, contents.get(LOOK_OUT)! + moved);
      } else {
        assertEquals([to, offset], [MARK.fd, MARK.offset]);
        marks.push(moved);
      }
      return moved === "" ? WOULD_BLOCK : moved.length;
    },
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

const memoryFor = (size: number): Bytes => new Uint8Array(size);

Deno.test("PipeInput leaves in the pipe what a read gives until it is taken out", () => {
  const kernel = pipes("one two");
  const input = new PipeInput(kernel, new LookPipe(kernel), INPUT);
  const memory = memoryFor(4);
  assertEquals([input.read(memory.subarray(0, 4)), decode(memory.subarray(0, 4))], [4, "one "]);
  assertEquals([kernel.contents.get(INPUT), decode(input.waiting()!)], ["one two", "one "]);
  input.takeOut();
  assertEquals([kernel.contents.get(INPUT), input.unseen()], ["two", undefined]);
  assertEquals([input.read(memory.subarray(0, 4)), decode(memory.subarray(0, 3))], [3, "two"]);
  input.takeOut();
  assertEquals([input.waiting(), input.unseen()], [undefined, undefined]);
  assertEquals(input.read(memory.subarray(0, 4)), WOULD_BLOCK);
});

Deno.test("PipeInput takes out one part after the other, also when its memory is used again", () => {
  const kernel = pipes("a\nb\nc\nrest\n");
  const input = new PipeInput(kernel, new LookPipe(kernel), INPUT);
  const memory = memoryFor(5);
  assertEquals(input.read(memory.subarray(0, 5)), 5);
  input.takeOut(0);
  input.takeOut(2);
  assertEquals(kernel.contents.get(INPUT), "b\nc\nrest\n");
  input.keep();
  memory.fill(0);
  assertEquals(decode(input.waiting(4)!), "b\n");
  assertEquals(input.takeOut(4, MARK), true);
  input.takeOut(4);
  assertEquals([kernel.contents.get(INPUT), input.unseen()], ["c\nrest\n", undefined]);
  input.takeOut();
  assertEquals(kernel.contents.get(INPUT), "\nrest\n");
  assertEquals(kernel.marks, ["\n"]);
});

Deno.test("PipeInput has the last byte that it takes out go where it can be seen", () => {
  const kernel = pipes("one\ntwo\n");
  const input = new PipeInput(kernel, new LookPipe(kernel), INPUT);
  assertEquals(input.takeOut(Infinity, MARK), false);
  input.read(memoryFor(4));
  assertEquals([input.takeOut(Infinity, MARK), kernel.marks], [true, ["\n"]]);
  input.read(memoryFor(1));
  assertEquals([input.takeOut(Infinity, MARK), kernel.marks], [true, ["\n", "t"]]);
  assertEquals([kernel.contents.get(INPUT), input.waiting()], ["wo\n", undefined]);
});

Deno.test("PipeInput takes all out also where no byte can go into a file", () => {
  const kernel = pipes("one\ntwo\n");
  const { splice } = kernel;
  kernel.splice = (from, to, length, offset) => {
    if (offset !== undefined) throw new SystemError("splice", ERRNO.EINVAL);
    return splice(from, to, length);
  };
  const input = new PipeInput(kernel, new LookPipe(kernel), INPUT);
  input.read(memoryFor(4));
  assertEquals([input.takeOut(Infinity, MARK), kernel.contents.get(INPUT)], [false, "two\n"]);
  assertEquals([input.drop(2, MARK), kernel.contents.get(INPUT)], [false, "o\n"]);
  assertEquals(input.unseen(), undefined);
});

Deno.test("PipeInput takes a large read out at once", () => {
  const kernel = pipes("text");
  const input = new PipeInput(kernel, new LookPipe(kernel), INPUT);
  assertEquals(input.read(memoryFor(LARGEST_LOOK + 1)), 4);
  assertEquals(kernel.contents.get(INPUT), "");
  input.takeOut();
  assertEquals(input.unseen(), undefined);
});

Deno.test("PipeInput gives what somebody else's reading brought, and then reads as others do", () => {
  const kernel = pipes("mine other more");
  const input = new PipeInput(kernel, new LookPipe(kernel), INPUT);
  assertEquals(input.read(memoryFor(5)), 5);
  kernel.contents.set(INPUT, "other more");
  input.takeOut();
  assertEquals(decode(input.unseen()!), "other");
  assertEquals([input.read(memoryFor(5)), kernel.contents.get(INPUT)], [5, ""]);
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
      assertEquals(input.read(memoryFor(2)), 2);
      input.takeOut();
      assertEquals(input.unseen(), undefined);
    }
    assertEquals([kernel.contents.get(INPUT), failures], ["", 1]);
  });
}

Deno.test("PipeInput looks at what is next, and drops it", () => {
  const kernel = pipes("one\ntwo\n");
  const input = new PipeInput(kernel, new LookPipe(kernel), INPUT);
  assertEquals([input.inode, decode(input.peek(4)!)], [7n, "one\n"]);
  assertEquals([input.drop(4, MARK), kernel.marks], [true, ["\n"]]);
  assertEquals([input.drop(0, MARK), kernel.contents.get(INPUT)], [false, "two\n"]);
  assertEquals([input.drop(4, undefined), kernel.contents.get(INPUT)], [false, ""]);
});

Deno.test("PipeInput drops what its own pipe has no room for at once", () => {
  const kernel = pipes("one\ntwo\n");
  const { splice } = kernel;
  kernel.splice = (from, to, length, offset) => splice(from, to, Math.min(2, length), offset);
  const input = new PipeInput(kernel, new LookPipe(kernel), INPUT);
  assertEquals(decode(input.peek(2)!), "on");
  assertEquals([input.drop(7, MARK), kernel.contents.get(INPUT)], [true, "\n"]);
});

Deno.test("PipeInput gives first what is given back", () => {
  const kernel = pipes("two");
  const input = new PipeInput(kernel, new LookPipe(kernel), INPUT);
  input.giveBack(encode("one"));
  assertEquals([decode(input.unseen()!), input.unseen()], ["one", undefined]);
});
