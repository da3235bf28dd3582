import { assertEquals, assertStringIncludes } from "@std/assert";
import { checkImportDirection } from "../../../scripts/checks/import_direction.ts";

function messages(path: string, text: string): string[] {
  return checkImportDirection({ path, text }).map((problem) => problem.message);
}

const ALLOWED: ReadonlyArray<[path: string, text: string]> = [
  ["main.ts", 'import { enter } from "./src/suite/enter.ts";'],
  ["src/programs/svstat.ts", 'import { a } from "../supervision/supervisor.ts";'],
  ["src/programs/svstat.ts", 'import { parseArgs } from "@std/cli";'],
  ["src/programs/status.ts", 'import { a } from "../observation/status_text.ts";'],
  ["src/programs/svscan.ts", 'import { createHost } from "../reactor/host.ts";'],
  ["src/suite/registry.ts", 'import * as svc from "../programs/svc.ts";'],
  ["src/suite/registry.ts", 'const load = () => import("../programs/svstat.ts");'],
  ["src/suite/verbs.ts", 'const load = () => import("../programs/status.ts");'],
  ["src/suite/help.ts", 'import { PROGRAMS } from "./registry.ts";'],
  ["src/supervision/service.ts", 'import type { Kernel } from "../system/kernel.ts";'],
  ["src/supervision/service.ts", 'import type {\n  Reactor,\n} from "../reactor/reactor.ts";'],
  ["src/supervision/service.ts", 'import { other } from "./other.ts";'],
  ["src/system/linux/files.ts", 'import { unistdH } from "../../libc/unistd_h.ts";'],
  ["src/libc/loader.ts", 'Deno.dlopen("libc.so.6", {});'],
  ["src/system/kernel.ts", "let pointer: Deno.PointerValue;"],
  ["src/base/bytes.ts", '// import { a } from "../system/kernel.ts"; Deno.exit(1)'],
  ["main.ts", "Deno.exit(0);"],
];

const REFUSED: ReadonlyArray<[path: string, text: string, message: string]> = [
  ["src/base/a.ts", 'import { b } from "../system/b.ts";', "base must not import system"],
  ["src/base/a.ts", 'import "../system/b.ts";', "base must not import system"],
  ["src/base/a.ts", 'export * from "../libc/b.ts";', "base must not import libc"],
  ["src/programs/svc.ts", 'import { b } from "../libc/b.ts";', "programs must not import libc"],
  ["src/programs/svc.ts", 'import { b } from "./svstat.ts";', "programs must not import programs"],
  ["src/programs/svc.ts", 'import("./svstat.ts");', "programs must not import programs"],
  ["src/programs/svc.ts", 'import { b } from "../suite/help.ts";', "must not import suite"],
  ["src/suite/help.ts", 'import("../programs/svc.ts");', "only a table"],
  ["src/suite/registry.ts", "import(name);", "not a literal"],
  ["src/observation/a.ts", 'import { b } from "../system/b.ts";', 'use "import type"'],
  [
    "src/observation/a.ts",
    'import { b } from "../supervision/b.ts";',
    "observation must not import supervision",
  ],
  ["src/supervision/a.ts", 'import { b } from "../system/b.ts";', 'use "import type"'],
  ["src/supervision/a.ts", 'import type { b } from "../libc/b.ts";', "must not import libc"],
  ["src/supervision/a.ts", 'import type { b } from "../logging/b.ts";', "must not import logging"],
  ["src/reactor/a.ts", 'import { b } from "../libc/b.ts";', "reactor must not import libc"],
  ["src/chain/a.ts", 'import { b } from "../reactor/b.ts";', "chain must not import reactor"],
  ["src/base/a.ts", 'import { b } from "node:fs";', "only files and @std"],
  ["src/base/a.ts", 'import { b } from "../../main.ts";', "outside the rooms"],
  ["src/attic/a.ts", 'import { b } from "../base/b.ts";', "no room"],
  ["main.ts", 'import { b } from "./src/programs/svc.ts";', "main must not import programs"],
  ["main.ts", 'import { b } from "./src/libc/b.ts";', "main must not import libc"],
  ["src/system/a.ts", "new Deno.UnsafePointerView(p);", "belongs in src/libc"],
  ["src/system/a.ts", 'Deno.dlopen("libc.so.6", {});', "belongs in src/libc"],
  ["src/programs/svc.ts", "Deno.exit(1);", "belongs in main.ts"],
  ["src/supervision/a.ts", 'Deno.chdir("/");', "moves every service"],
];

Deno.test("checkImportDirection() lets pass what the arrows allow", () => {
  for (const [path, text] of ALLOWED) assertEquals(messages(path, text), [], `${path}: ${text}`);
});

Deno.test("checkImportDirection() names what the arrows forbid", () => {
  for (const [path, text, message] of REFUSED) {
    const found = messages(path, text);
    assertEquals(found.length, 1, `${path}: ${text}`);
    assertStringIncludes(found.join(), message);
  }
});

Deno.test("checkImportDirection() tells the line", () => {
  const text = '/** A file. */\n\nimport { b } from "../libc/b.ts";\n';
  assertEquals(checkImportDirection({ path: "src/base/a.ts", text })[0]?.line, 3);
});
