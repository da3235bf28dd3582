import { assertEquals } from "@std/assert";
import { checkDocstrings } from "../../../scripts/checks/docstrings.ts";

function messages(text: string): string[] {
  return checkDocstrings({ path: "src/base/a.ts", text }).map((problem) => problem.message);
}

Deno.test("checkDocstrings() lets pass exports with a docstring", () => {
  assertEquals(messages("/** Adds. */\nexport function add(): void {}\n"), []);
  assertEquals(messages("/**\n * One.\n */\nexport const ONE = 1;\n"), []);
  assertEquals(messages("/** One. */\n// deno-lint-ignore x\nexport class One {}\n"), []);
});

Deno.test("checkDocstrings() lets one docstring speak for all overloads", () => {
  assertEquals(
    messages("/** A. */\nexport function a(b: 1): 1;\nexport function a(b: 2): 2;\n"),
    [],
  );
});

Deno.test("checkDocstrings() minds exports only", () => {
  assertEquals(messages('function a() {}\nexport { b } from "./b.ts";\n'), []);
});

Deno.test("checkDocstrings() finds exports of every kind without a docstring", () => {
  assertEquals(messages("export function a() {}\n"), ["function a has no docstring"]);
  assertEquals(messages("export async function a() {}\n"), ["function a has no docstring"]);
  assertEquals(messages("export abstract class A {}\n"), ["class A has no docstring"]);
  assertEquals(messages("export interface A {}\n"), ["interface A has no docstring"]);
  assertEquals(messages("export type A = 1;\n"), ["type A has no docstring"]);
  assertEquals(messages("// One.\nexport const A = 1;\n"), ["const A has no docstring"]);
  assertEquals(messages("/* One. */\nexport const A = 1;\n"), ["const A has no docstring"]);
});

Deno.test("checkDocstrings() does not take the header for the first export's docstring", () => {
  const text = '/** Header. */\n\nimport { b } from "./b.ts";\n\nexport const A = b;\n';
  assertEquals(messages(text), ["const A has no docstring"]);
});
