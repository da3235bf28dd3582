import { assertEquals } from "@std/assert";
import { checkStandIns, IMPORT_MAP } from "../../../scripts/checks/stand_ins.ts";

const MAP = '{ "imports": { "@std/a": "./std/a.ts" } }';
const STAND_IN = {
  path: "scripts/offline/std/a.ts",
  text: "export function one() {}\nexport async function two() {}\nexport class OneError {}\n",
};

function check(text: string): string[] {
  const problems = checkStandIns([STAND_IN, { path: "src/b.ts", text }], MAP);
  return problems.map(({ path, line, message }) => `${path}:${line}: ${message}`);
}

Deno.test("checkStandIns() lets pass what is imported, all of it", () => {
  assertEquals(check('import { one, two as three } from "@std/a";\n'), []);
  assertEquals(check('import {\n  one,\n  type Three,\n  two,\n} from "@std/a";\n'), []);
});

Deno.test("checkStandIns() names what nobody imports", () => {
  const nobody = "scripts/offline/std/a.ts:1: nobody imports";
  assertEquals(check('import { one } from "@std/a";\n'), [`${nobody} two`]);
  const all = [`${IMPORT_MAP}:1: nobody imports @std/a`, `${nobody} one`, `${nobody} two`];
  assertEquals(check(""), all);
  // A namespace is what compares stand-ins with what they stand for.
  assertEquals(check('import * as a from "@std/a";\n'), all);
});

Deno.test("checkStandIns() names what has no stand-in", () => {
  const text = 'import { one, two } from "@std/a";\nimport { c } from "@std/c";\n';
  assertEquals(check(text), [`src/b.ts:2: @std/c is not in ${IMPORT_MAP}`]);
});
