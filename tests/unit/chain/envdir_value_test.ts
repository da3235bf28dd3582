import { assertEquals } from "@std/assert";
import { decode, encode } from "../../../src/base/bytes.ts";
import { decodeEnvdirValue } from "../../../src/chain/envdir_value.ts";

function valueOf(contents: string): string | null {
  const value = decodeEnvdirValue(encode(contents));
  return value && decode(value);
}

Deno.test("decodeEnvdirValue() takes the first line", () => {
  assertEquals(valueOf("one\ntwo\n"), "one");
  assertEquals(valueOf("one"), "one");
});

Deno.test("decodeEnvdirValue() tells an empty file from an empty line", () => {
  assertEquals(valueOf(""), null);
  assertEquals(valueOf("\n"), "");
  assertEquals(valueOf(" \t\n"), "");
});

Deno.test("decodeEnvdirValue() cuts blanks and tabs at the end only", () => {
  assertEquals(valueOf(" \ta b \t \n"), " \ta b");
  assertEquals(valueOf("a\r\n"), "a\r");
});

Deno.test("decodeEnvdirValue() makes a newline of each NUL, after cutting", () => {
  assertEquals(valueOf("x \0 \n"), "x \n");
  assertEquals(valueOf("a\0\0b\0"), "a\n\nb\n");
});

Deno.test("decodeEnvdirValue() keeps bytes that are not UTF-8", () => {
  assertEquals(decodeEnvdirValue(Uint8Array.of(0xff, 0xc3, 0x0a)), Uint8Array.of(0xff, 0xc3));
});
