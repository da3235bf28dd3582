import { assertEquals } from "@std/assert";
import type { Bytes } from "../../../src/base/bytes.ts";
import { WOULD_BLOCK } from "../../../src/base/kernel_constants.ts";
import { InputReader, type InputWait } from "../../../src/logging/input_reader.ts";

/** A descriptor with so many bytes to read; a read of none waits for ever, which is a failure. */
function input(waiting: number) {
  const state = { waiting, waits: 0 };
  const kernel = {
    bytesWaiting: () => state.waiting,
    isReadable: () => state.waiting > 0,
    read: (_fd: number, into: Bytes) => {
      if (state.waiting === 0) throw new Error("a read that waits");
      const count = Math.min(into.length, state.waiting);
      state.waiting -= count;
      return count;
    },
  };
  return { state, kernel };
}

Deno.test("InputReader reads what is there without a wait", async () => {
  const { state, kernel } = input(10);
  const wait: InputWait = { readMayBlock: false, forInput: () => Promise.resolve(false) };
  const reader = new InputReader(kernel, 0, wait);
  assertEquals(await reader.read(new Uint8Array(7)), 7);
  assertEquals(await reader.read(new Uint8Array(7)), 3);
  assertEquals(await reader.read(new Uint8Array(7)), undefined);
  assertEquals(state.waiting, 0);
});

Deno.test("InputReader waits again when word of input was old", async () => {
  const { state, kernel } = input(0);
  const reader = new InputReader(kernel, 0, {
    readMayBlock: false,
    forInput: () => {
      if (++state.waits === 3) state.waiting = 5;
      return true;
    },
  });
  assertEquals(await reader.read(new Uint8Array(7)), 5);
  assertEquals(state.waits, 3);
});

Deno.test("InputReader lets a read wait where nothing else is to be done", async () => {
  const counts = [WOULD_BLOCK, WOULD_BLOCK, 4];
  let waits = 0;
  const kernel = { bytesWaiting: () => 0, isReadable: () => false, read: () => counts.shift()! };
  const reader = new InputReader(kernel, 0, {
    readMayBlock: true,
    forInput: () => ++waits > 0,
  });
  assertEquals([await reader.read(new Uint8Array(7)), waits], [4, 2]);
});

Deno.test("InputReader gives away what it read before another one can use the buffer", async () => {
  const shared: Bytes = new Uint8Array(4);
  const taken: number[] = [];
  const read = (value: number) => {
    const { kernel } = input(1);
    const filling = {
      ...kernel,
      read: (fd: number, into: Bytes) => kernel.read(fd, into.fill(value)),
    };
    const wait: InputWait = { readMayBlock: false, forInput: () => Promise.resolve(true) };
    return new InputReader(filling, 0, wait).read(shared, (bytes) => taken.push(...bytes));
  };
  assertEquals(await Promise.all([read(1), read(2)]), [1, 1]);
  assertEquals(taken, [1, 2]);
});
