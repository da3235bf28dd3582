import { assertEquals } from "@std/assert";
import { type Bytes, decode, encode } from "../../../../src/base/bytes.ts";
import { copyLine, viewOf } from "../../../../src/logging/copying.ts";
import { OutputQueue } from "../../../../src/logging/directory/output_queue.ts";
import { StreamBuffers } from "../../../../src/logging/stream_buffers.ts";

Deno.test("OutputQueue gives back what was appended, in order, over many blocks", () => {
  const queue = new OutputQueue(new StreamBuffers());
  const input: Bytes = new Uint8Array(1_500_000).map((_, index) => index % 251);
  for (let at = 0; at < input.length; at += 7001) {
    queue.append(input, at, Math.min(input.length, at + 7001));
  }
  assertEquals(queue.size, input.length);
  let at = 0;
  while (queue.size > 0) {
    const piece = queue.front(100_000);
    assertEquals(piece.every((byte, index) => byte === input[at + index]), true);
    at += piece.length;
    queue.consume(piece.length);
  }
  assertEquals(at, input.length);
});

Deno.test("copyLine() finds a newline at any place of a word", () => {
  for (let length = 0; length < 20; length++) {
    const from = encode(`>${"x".repeat(length)}\n\n\x0b\x8a.......`);
    const into: Bytes = new Uint8Array(40);
    assertEquals(copyLine(viewOf(from), 1, from.length - 3, viewOf(into), 5), length + 1);
    assertEquals(decode(into.subarray(5, 6 + length)), `${"x".repeat(length)}\n`);
  }
  const bytes = encode("\x0b\x8a\u0100 no newline");
  assertEquals(copyLine(viewOf(bytes), 0, 8, viewOf(new Uint8Array(20)), 0), 0);
});
