import { assertEquals } from "@std/assert";
import { compareVersions } from "../../../src/base/version.ts";

Deno.test("compareVersions() orders by numbers, from the left", () => {
  for (const [a, b] of [["0.1.0", "0.1.1"], ["0.9", "0.10"], ["1", "1.0.1"], ["0.99", "1.0"]]) {
    assertEquals(Math.sign(compareVersions(a!, b!)), -1);
    assertEquals(Math.sign(compareVersions(b!, a!)), 1);
  }
  assertEquals(compareVersions("1.2", "1.2.0"), 0);
});
