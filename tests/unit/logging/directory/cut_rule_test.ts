import { assertEquals } from "@std/assert";
import { type Cut, CutRule } from "../../../../src/logging/directory/cut_rule.ts";

/** Cuts of lines of the given length, all in one read. */
function cutsOf(limit: number, lines: readonly number[]): number[] {
  const cuts: number[] = [];
  const rule = new CutRule(limit, 0, ({ position }) => cuts.push(position));
  for (const length of lines) rule.appendLine(length, 0);
  rule.flush();
  return cuts;
}

Deno.test("CutRule cuts behind the last line of the block that comes within 2000 bytes", () => {
  // Blocks of 500 bytes: the fifth of them reaches 2096 of 4096.
  assertEquals(cutsOf(4096, Array.from({ length: 30 }, () => 99)), [2500]);
});

Deno.test("CutRule cuts a line without end at the limit", () => {
  const cuts: number[] = [];
  const rule = new CutRule(4096, 0, ({ position }) => cuts.push(position));
  rule.appendBlock(1000, 0);
  rule.appendSingly(9000, 0);
  rule.flush();
  assertEquals(cuts, [4096, 8192]);
});

Deno.test("CutRule counts what was in the file before", () => {
  const cuts: number[] = [];
  const rule = new CutRule(4096, 9000, ({ position }) => cuts.push(position));
  rule.appendLine(5, 0);
  rule.flush();
  assertEquals(cuts, [0]);
  assertEquals(rule.fileSize, 6);
});

Deno.test("CutRule.skip() counts like lines that are far from the limit", () => {
  const rule = new CutRule(100_000, 0, () => {});
  assertEquals(rule.distance, 97_999);
  rule.skip(50_000, 0);
  assertEquals([rule.fileSize, rule.position, rule.distance], [50_000, 50_000, 47_999]);
});

Deno.test("CutRule tells where in the input a new file begins", () => {
  const cuts: Cut[] = [];
  const rule = new CutRule(4096, 0, (cut) => cuts.push(cut));
  // Of each line a label came before 30 bytes of input.
  for (let line = 1; line <= 45; line++) rule.appendLine(55, 30 * line);
  rule.flush();
  assertEquals(cuts.splice(0), [{ position: 2520, sourceEnd: 1350 }]);
  // Within a long line: what follows the label is as it came.
  rule.appendBlock(1000, 1350 + 975);
  rule.appendSingly(3500, 1350 + 975 + 3500);
  rule.appendNewline(1350 + 975 + 3501);
  rule.flush();
  assertEquals(cuts, [{ position: 2520 + 4096, sourceEnd: 1350 + 4096 - 25 }]);
});

Deno.test("CutRule tells where in the input a new file begins within an earlier line of a block", () => {
  const cuts: Cut[] = [];
  const rule = new CutRule(4096, 3900, (cut) => cuts.push(cut));
  rule.appendBlock(200, 175);
  rule.appendSingly(100, 275);
  rule.appendNewline(276);
  rule.appendLine(55, 306);
  rule.flush();
  assertEquals(cuts, [{ position: 196, sourceEnd: 171 }]);
});

Deno.test("CutRule tells of no place in the input before the label of a line", () => {
  const cuts: Cut[] = [];
  // The label does not fit.
  const rule = new CutRule(4096, 4090, (cut) => cuts.push(cut));
  rule.skip(0, 70);
  rule.appendBlock(600, 70 + 575);
  assertEquals(cuts, [{ position: 6, sourceEnd: 70 }]);
});
