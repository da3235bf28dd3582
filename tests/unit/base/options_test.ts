import { assertEquals, assertThrows } from "@std/assert";
import { decode, encode } from "../../../src/base/bytes.ts";
import { ProgramEnd } from "../../../src/base/messages.ts";
import { parseOptions } from "../../../src/base/options.ts";

const RULES = { flags: "nx", valued: "o", invokedAs: encode("tool"), usage: "tool: usage: tool" };

function parse(...args: string[]): [options: string[], rest: string[]] {
  const { options, rest } = parseOptions(args.map(encode), RULES);
  return [options.map(({ letter, value }) => letter + decode(value)), rest.map(decode)];
}

Deno.test("parseOptions() reads clusters, attached and separate values", () => {
  assertEquals(parse("-nx", "-n", "file"), [["n", "x", "n"], ["file"]]);
  assertEquals(parse("-o10", "-o", "20", "-no30"), [["o10", "o20", "n", "o30"], []]);
  assertEquals(parse("-o", "-n", "a"), [["o-n"], ["a"]]);
  assertEquals(parse("-o", "", "a"), [["o"], ["a"]]);
});

Deno.test("parseOptions() ends at the first word that is no option", () => {
  assertEquals(parse("-n", "a", "-x"), [["n"], ["a", "-x"]]);
  assertEquals(parse("-", "-x"), [[], ["-", "-x"]]);
  assertEquals(parse("", "-x"), [[], ["", "-x"]]);
});

Deno.test("parseOptions() drops whatever begins with two dashes, and ends there", () => {
  assertEquals(parse("-n", "--", "-x"), [["n"], ["-x"]]);
  assertEquals(parse("--help", "true"), [[], ["true"]]);
});

Deno.test("parseOptions() complains as getopt does, with exit code 100", () => {
  for (
    const [args, complaint] of [
      [["-z"], "tool: illegal option -- z\n"],
      [["-n-"], "tool: illegal option -- -\n"],
      [["-:"], "tool: illegal option -- :\n"],
      [["-no"], "tool: option requires an argument -- o\n"],
    ] as const
  ) {
    const end = assertThrows(() => parse(...args), ProgramEnd) as ProgramEnd;
    assertEquals([end.exitCode, decode(end.text)], [100, `${complaint}tool: usage: tool\n`]);
  }
});
