import { assertEquals, assertThrows } from "@std/assert";
import { decode, encode } from "../../../src/base/bytes.ts";
import { ProgramEnd } from "../../../src/base/messages.ts";
import { parseScript } from "../../../src/logging/script.ts";

const parse = (...words: string[]) => parseScript(words.map((word) => encode(word)));
const ignored = (...words: string[]) => parse(...words).ignored.map((word) => decode(word));

function plans(...words: string[]) {
  return parse(...words).actions.flatMap((action) =>
    action.kind === "directory" ? [action.plan] : []
  );
}

Deno.test("parseScript() takes t as the first word only", () => {
  assertEquals(parse("t").label, "tai64n");
  assertEquals(parse("tx").label, "tai64n");
  assertEquals(parse("e", "t").label, null);
  assertEquals(parse("iso=local").label, "iso-local");
});

Deno.test("parseScript() clamps sizes and numbers, for the directories behind them", () => {
  const sizes = plans("./a", "s1", "./b", "s99999999", "./c", "s18446744073709551616", "./d");
  assertEquals(sizes.map(({ sizeBytes }) => sizeBytes), [99999, 4096, 16777215, 4096]);
  const numbers = plans("./a", "n0", "./b", "n5x", "./c", "n", "./d");
  assertEquals(numbers.map(({ keep }) => keep), [10, 2, 5, 2]);
});

Deno.test("parseScript() reads our own words", () => {
  const [plan] = plans("limit=1000", "age=60", "gzip=yes", "./a");
  assertEquals([plan?.totalBytes, plan?.maxAgeSeconds, plan?.gzip], [1000, 60, true]);
  assertThrows(() => parse("age=soon"), ProgramEnd);
});

Deno.test("parseScript() tells what it does not know", () => {
  assertEquals(ignored("x", "", "plainname", "e", "t", "iso=utc"), ["x", "plainname", "iso=utc"]);
});
