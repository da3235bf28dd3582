import { assertEquals, assertThrows } from "@std/assert";
import {
  baseName,
  compareBytes,
  concat,
  cString,
  decode,
  encode,
  equalBytes,
  split,
  startsWith,
} from "../../../src/base/bytes.ts";

Deno.test("concat() joins text and bytes, UTF-8 or not", () => {
  assertEquals(concat("é", Uint8Array.of(0xff, 0), ""), Uint8Array.of(0xc3, 0xa9, 0xff, 0));
  assertEquals(concat(), new Uint8Array(0));
});

Deno.test("cString() ends with NUL and refuses one inside", () => {
  assertEquals(cString("ab"), Uint8Array.of(97, 98, 0));
  assertEquals(cString(Uint8Array.of(0xff)), Uint8Array.of(0xff, 0));
  assertThrows(() => cString("a\0b"), RangeError);
  assertThrows(() => cString("a\0"), RangeError);
});

Deno.test("split() gives one piece more than there are separators", () => {
  const pieces = (text: string) => split(encode(text), 0x3a).map(decode);
  assertEquals(pieces("a:b"), ["a", "b"]);
  assertEquals(pieces(":a:"), ["", "a", ""]);
  assertEquals(pieces(""), [""]);
});

Deno.test("baseName() is what follows the last slash", () => {
  const name = (path: string) => decode(baseName(encode(path)));
  assertEquals([name("/a/b"), name("b"), name("a/"), name("")], ["b", "b", "", ""]);
});

Deno.test("compareBytes() orders as memcmp, a prefix first", () => {
  const order = (a: string, b: string) => Math.sign(compareBytes(encode(a), encode(b)));
  assertEquals([order("a", "b"), order("b", "a"), order("a", "a")], [-1, 1, 0]);
  assertEquals([order("a", "ab"), order("", "a"), order("é", "z")], [-1, -1, 1]);
});

Deno.test("startsWith() and equalBytes() compare bytes", () => {
  assertEquals(startsWith(encode("abc"), encode("ab")), true);
  assertEquals(startsWith(encode("a"), encode("ab")), false);
  assertEquals(equalBytes(encode("ab"), encode("ab")), true);
  assertEquals(equalBytes(encode("ab"), encode("ac")), false);
  assertEquals(equalBytes(encode("ab"), encode("a")), false);
});
