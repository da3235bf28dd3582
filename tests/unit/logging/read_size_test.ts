import { assertEquals } from "@std/assert";
import { ReadSize } from "../../../src/logging/read_size.ts";

Deno.test("ReadSize grows while there is much to read, and begins anew after that", () => {
  const size = new ReadSize(65536);
  assertEquals(size.next(false), 8192);
  const sizes = Array.from({ length: 40 }, () => size.next(true));
  assertEquals([...new Set(sizes)], [8192, 16384, 32768, 65536]);
  assertEquals(sizes.findIndex((each) => each === 65536), 23);
  assertEquals([size.next(false), size.next(true)], [8192, 8192]);
});
