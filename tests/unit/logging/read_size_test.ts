import { assertEquals } from "@std/assert";
import { ReadSize } from "../../../src/logging/read_size.ts";

Deno.test("ReadSize grows while there is much to read, and begins anew after that", () => {
  const size = new ReadSize(65536);
  assertEquals(size.next(false), 1024);
  const sizes = Array.from({ length: 60 }, () => size.next(true));
  assertEquals([...new Set(sizes)], [1024, 2048, 4096, 8192, 16384, 32768, 65536]);
  assertEquals(sizes.findIndex((each) => each === 65536), 47);
  assertEquals([size.next(false), size.next(true)], [1024, 1024]);
});
