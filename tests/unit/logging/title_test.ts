import { assertEquals } from "@std/assert";
import { decode, encode } from "../../../src/base/bytes.ts";
import { scrollTitle } from "../../../src/logging/title.ts";

function scrolled(title: string, ...inputs: string[]): string {
  const bytes = encode(title);
  for (const input of inputs) scrollTitle(bytes, encode(input));
  return decode(bytes);
}

/** Byte by byte, as readproctitle is described. */
function model(title: string, input: string): string {
  let shown = title;
  for (const letter of input.replaceAll("\0", "")) shown = `...${shown.slice(4)}${letter}`;
  return shown;
}

Deno.test("scrollTitle() moves in from the right and keeps three dots", () => {
  assertEquals(scrolled("..........", "ab"), "........ab");
  assertEquals(scrolled("..........", "ab", "cd\n"), ".....abcd\n");
  assertEquals(scrolled("..........", "abcdefghijklmnop"), "...jklmnop");
  assertEquals(scrolled("..........", ""), "..........");
});

Deno.test("scrollTitle() drops NULs", () => {
  assertEquals(scrolled("..........", "c\0d\n"), ".......cd\n");
  assertEquals(scrolled("..........", "\0\0"), "..........");
});

Deno.test("scrollTitle() does what one byte after the other would do", () => {
  const letters = Array.from(
    { length: 60 },
    (_, i) => i % 7 === 0 ? "\0" : String.fromCharCode(65 + i % 26),
  );
  for (const size of [5, 6, 10, 40]) {
    for (let length = 0; length <= letters.length; length++) {
      const input = letters.slice(0, length).join("");
      const cut = Math.floor(length / 3);
      const pieces = [input.slice(0, cut), input.slice(cut)];
      assertEquals(scrolled(".".repeat(size), ...pieces), model(".".repeat(size), input));
    }
  }
});
