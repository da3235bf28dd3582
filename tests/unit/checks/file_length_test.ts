import { assertEquals } from "@std/assert";
import { checkFileLength } from "../../../scripts/checks/file_length.ts";

function problems(header: string, lines: number): number {
  const text = header + "\n" + "x;\n".repeat(lines - header.split("\n").length);
  return checkFileLength({ path: "src/base/a.ts", text }).length;
}

Deno.test("checkFileLength() lets 400 lines pass and not 401", () => {
  assertEquals(problems("/** A. */", 400), 0);
  assertEquals(problems("/** A. */", 401), 1);
});

Deno.test("checkFileLength() takes a reason from the header", () => {
  assertEquals(problems("/**\n * A.\n *\n * Length: one table.\n */", 500), 0);
  assertEquals(problems("/**\n * A.\n *\n * Length:\n */", 500), 1);
});
