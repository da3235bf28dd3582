import { assertEquals } from "@std/assert";
import { decode, encode } from "../../../src/base/bytes.ts";
import { applyChange, lookUp } from "../../../src/chain/environment.ts";

function changed(entries: string[], change: string): string[] {
  return applyChange(entries.map(encode), encode(change)).map(decode);
}

Deno.test("lookUp() takes the first entry of exactly that name", () => {
  const environment = ["AB=1", "A", "A=2", "A=3"].map(encode);
  assertEquals(decode(lookUp(environment, "A")!), "2");
  assertEquals(lookUp(environment, "B"), undefined);
  assertEquals(lookUp(["A="].map(encode), "A")!.length, 0);
});

Deno.test("applyChange() puts the last entry in the place of the one that goes", () => {
  assertEquals(changed(["A=1", "B=2", "C=3"], "A=x"), ["C=3", "B=2", "A=x"]);
  assertEquals(changed(["A=1", "B=2", "C=3"], "A"), ["C=3", "B=2"]);
  assertEquals(changed(["A=1", "B=2"], "B=x"), ["A=1", "B=x"]);
  assertEquals(changed(["A=1"], "A"), []);
});

Deno.test("applyChange() removes only the first of two entries", () => {
  assertEquals(changed(["A=1", "A=2", "B=3"], "A"), ["B=3", "A=2"]);
});

Deno.test("applyChange() leaves other names alone, and entries without a value", () => {
  assertEquals(changed(["AB=1", "A", "=x"], "A=y"), ["AB=1", "A", "=x", "A=y"]);
  assertEquals(changed(["AB=1", "A", "=x"], "A"), ["AB=1", "A", "=x"]);
  assertEquals(changed(["A=1", "=x"], "=y"), ["A=1", "=y"]);
});

Deno.test("applyChange() takes a name up to its first equals sign", () => {
  assertEquals(changed(["A=1", "B=2"], "A=B=v"), ["B=2", "A=B=v"]);
});

Deno.test("applyChange() does not touch the table that it is given", () => {
  const before = ["A=1", "B=2"].map(encode);
  applyChange(before, encode("A"));
  assertEquals(before.map(decode), ["A=1", "B=2"]);
});
