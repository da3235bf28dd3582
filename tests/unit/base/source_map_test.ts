/** Finding the source of a place in the bundle. */

import { assertEquals } from "@std/assert";
import { originOf } from "../../../src/base/source_map.ts";

// Two lines. In the first, column 1 is a.ts 1:1, column 5 is a.ts 2:3, and column 9 is the
// bundler's own; in the second, column 3 is b.ts 1:20.
const MAP = { sources: ["../a.ts", "../b.ts"], mappings: "AAAA,IACE,I;ECDiB" };

const CASES: [line: number, column: number, origin: string | undefined][] = [
  [1, 1, "../a.ts:1:1"],
  [1, 4, "../a.ts:1:1"],
  [1, 5, "../a.ts:2:3"],
  [1, 8, "../a.ts:2:3"],
  [1, 9, undefined],
  [2, 1, undefined],
  [2, 3, "../b.ts:1:20"],
  [2, 1000, "../b.ts:1:20"],
  [3, 1, undefined],
];

for (const [line, column, expected] of CASES) {
  Deno.test(`originOf() finds ${line}:${column}`, () => {
    const origin = originOf(MAP, line, column);
    assertEquals(origin && `${origin.source}:${origin.line}:${origin.column}`, expected);
  });
}

Deno.test("originOf() reads numbers of several digits", () => {
  // w, + and B are 16, 30 and 1 in fives: 2000, twice 1000 without a sign.
  const map = { sources: ["a.ts"], mappings: "w+BAAA,w+BAoD" };
  assertEquals(originOf(map, 1, 1001)?.column, 1);
  assertEquals(originOf(map, 1, 2001)?.line, 53);
});
