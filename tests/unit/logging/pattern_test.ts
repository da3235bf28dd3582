import { assertEquals } from "@std/assert";
import { encode } from "../../../src/base/bytes.ts";
import { matches } from "../../../src/logging/pattern.ts";

function check(pattern: string, line: string): boolean {
  const bytes = encode(`<${line}>`);
  return matches(encode(pattern), bytes, 1, bytes.length - 1);
}

Deno.test("matches() takes all bytes but the star as themselves", () => {
  assertEquals(check("a?[b]\\", "a?[b]\\"), true);
  assertEquals(check("abc", "ab"), false);
  assertEquals(check("ab", "abc"), false);
  assertEquals(check("", ""), true);
  assertEquals(check("", "x"), false);
});

Deno.test("matches() lets a star look for the first place of the next byte only", () => {
  assertEquals(check("*", ""), true);
  assertEquals(check("a*", "a"), true);
  assertEquals(check("*ab", "cab"), true);
  assertEquals(check("*ab", "aab"), false);
  assertEquals(check("*ab", "acab"), false);
  assertEquals(check("a*bc", "abbc"), false);
  assertEquals(check("*: x", "a: b: x"), false);
  assertEquals(check("* fatal: *", "@4000 fatal: x"), true);
});

Deno.test("matches() takes the second of two stars as what the first one looks for", () => {
  assertEquals(check("**", "a*b"), true);
  assertEquals(check("**", "ab"), false);
  assertEquals(check("a**", "a*"), true);
});
