import { assertEquals } from "@std/assert";
import { ReadSize } from "../../../src/logging/read_size.ts";

Deno.test("ReadSize grows while there is much to read, and begins anew after that", () => {
  const readSize = new ReadSize(65536);
  const sizes = Array.from({ length: 60 }, () => {
    const { size } = readSize;
    readSize.note(true);
    return size;
  });
  assertEquals([...new Set(sizes)], [1024, 2048, 4096, 8192, 16384, 32768, 65536]);
  assertEquals(sizes.findIndex((each) => each === 65536), 48);
  readSize.note(false);
  assertEquals(readSize.size, 1024);
});
