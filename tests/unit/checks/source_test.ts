import { assertEquals, assertStringIncludes } from "@std/assert";
import { problemAt, withoutComments } from "../../../scripts/checks/source.ts";

Deno.test("withoutComments() blanks comments and keeps every place", () => {
  const text = "a(); // x\n/* y\n z */ b();\n";
  const code = withoutComments(text);
  assertEquals(code, "a();     \n    \n      b();\n");
  assertEquals(code.length, text.length);
});

Deno.test("withoutComments() leaves strings and regular expressions alone", () => {
  for (
    const text of [
      'const a = "// no comment";',
      "const a = '/* none */';",
      "const a = `// ${b} /* */`;",
      'const a = /[/*]"/;',
      "f(/\\/\\//);",
    ]
  ) {
    assertEquals(withoutComments(text), text);
  }
});

Deno.test("withoutComments() takes a quotient for what it is", () => {
  assertStringIncludes(withoutComments("a = b / c; // d\ne = f / g;"), "e = f / g;");
});

Deno.test("problemAt() counts lines from 1", () => {
  const source = { path: "a.ts", text: "one\ntwo\n" };
  assertEquals(problemAt(source, 4, "m"), { path: "a.ts", line: 2, message: "m" });
});
