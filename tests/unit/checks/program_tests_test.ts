import { assertEquals } from "@std/assert";
import { checkProgramTests } from "../../../scripts/checks/program_tests.ts";

Deno.test("checkProgramTests() names the test file that a program lacks", () => {
  const paths = ["src/programs/svc.ts", "src/programs/svok.ts", "tests/programs/svok_test.ts"];
  assertEquals(checkProgramTests(paths), [
    { path: "src/programs/svc.ts", line: 1, message: "there is no tests/programs/svc_test.ts" },
  ]);
});

Deno.test("checkProgramTests() wants none for what is no program", () => {
  assertEquals(checkProgramTests(["src/base/bytes.ts", "src/programs/verbs/status.ts"]), []);
});
