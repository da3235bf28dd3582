/**
 * Runs the checks of the structure over the repository it is started in.
 *
 * usage: deno run --allow-read scripts/checks/run.ts
 */

import { checkDocstrings } from "./docstrings.ts";
import { checkFfiWidths } from "./ffi_widths.ts";
import { checkFileLength } from "./file_length.ts";
import { checkImportDirection } from "./import_direction.ts";
import { checkProgramTests } from "./program_tests.ts";
import type { Check, Problem, Source } from "./source.ts";
import { checkStandIns, IMPORT_MAP } from "./stand_ins.ts";

const CHECKS: ReadonlyArray<{ check: Check; files: RegExp }> = [
  { check: checkImportDirection, files: /^(?:main\.ts|src\/)/ },
  { check: checkDocstrings, files: /^(?:src|scripts|tests\/support)\// },
  { check: checkFfiWidths, files: /^src\/libc\// },
  { check: checkFileLength, files: /^/ },
];

async function* sourceFiles(folder: string): AsyncGenerator<string> {
  for await (const entry of Deno.readDir(folder)) {
    const path = folder === "." ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory && !entry.name.startsWith(".") && path !== "build") {
      yield* sourceFiles(path);
    } else if (entry.isFile && entry.name.endsWith(".ts")) {
      yield path;
    }
  }
}

if (import.meta.main) {
  const sources: Source[] = [];
  for await (const path of sourceFiles(".")) {
    sources.push({ path, text: await Deno.readTextFile(path) });
  }
  const problems: Problem[] = [
    ...checkProgramTests(sources.map(({ path }) => path)),
    ...checkStandIns(sources, await Deno.readTextFile(IMPORT_MAP)),
  ];
  for (const source of sources) {
    for (const { check, files } of CHECKS) {
      if (files.test(source.path)) problems.push(...check(source));
    }
  }
  const lines = problems.map(({ path, line, message }) => `${path}:${line}: ${message}\n`).sort();
  await Deno.stderr.write(new TextEncoder().encode(lines.join("")));
  Deno.exitCode = problems.length > 0 ? 1 : 0;
}
