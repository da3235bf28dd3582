/**
 * Which room may import which, and what only one room may name. The arrows are those of the
 * design: everything points down to `base`, and the engine takes its kernel as a parameter.
 */

import { type Check, type Problem, problemAt, type Source, withoutComments } from "./source.ts";

const ENGINES = ["supervision", "logging", "observation"] as const;

/** The rooms that a room may import from, besides itself. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  main: ["suite", "system", "base"],
  suite: ["programs", "system", "base"],
  programs: ["console", ...ENGINES, "chain", "reactor", "system", "base"],
  console: ["observation", "reactor", "system", "base"],
  supervision: ["base"],
  logging: ["base"],
  observation: ["base"],
  chain: ["system", "base"],
  reactor: ["system", "base"],
  system: ["libc", "base"],
  libc: ["base"],
  base: [],
};

/** The rooms that a room may take types from only. */
const MAY_IMPORT_TYPES: Readonly<Record<string, readonly string[]>> = Object.fromEntries(
  ENGINES.map((engine) => [engine, ["system", "reactor"]]),
);

const IMPORT =
  /\b(import|export)\b(\s+type\b)?[^;"'()]*?\bfrom\s*["']([^"']+)["']|\bimport\s*["']([^"']+)["']|\bimport\s*\(\s*([^)]*?)\s*\)/g;

/** The tables, which alone know the programs. */
const TABLES: readonly string[] = [
  "src/suite/chain_programs.ts",
  "src/suite/registry.ts",
  "src/suite/starting_program.ts",
  "src/suite/verbs.ts",
];

function roomOf(path: string): string | undefined {
  return path === "main.ts" ? "main" : /^src\/([^/]+)\/.+/.exec(path)?.[1];
}

/** The path that a relative import leads to. */
function resolve(from: string, specifier: string): string {
  return new URL(specifier, `file:///${from}`).pathname.slice(1);
}

function judgeImport(source: Source, specifier: string, typeOnly: boolean) {
  if (specifier.startsWith("@std/")) return undefined;
  if (!specifier.startsWith(".")) {
    return `imports ${specifier}; only files and @std may be imported`;
  }
  const target = resolve(source.path, specifier);
  const [from, to] = [roomOf(source.path), roomOf(target)];
  if (from === undefined || MAY_IMPORT[from] === undefined) return "is in no room of the design";
  if (to === undefined || to === "main") return `imports ${target}, which is outside the rooms`;
  if (from === "programs" && to === "programs") return "programs must not import programs";
  if (from === "suite" && to === "programs" && !TABLES.includes(source.path)) {
    return `imports ${target}; only a table of the suite knows programs`;
  }
  if (from === to || MAY_IMPORT[from].includes(to)) return undefined;
  if (MAY_IMPORT_TYPES[from]?.includes(to)) {
    return typeOnly ? undefined : `${from} may import only types from ${to}: use "import type"`;
  }
  return `${from} must not import ${to}`;
}

/** Names that only certain files may use. */
const RESERVED = [
  {
    name: /\bDeno\s*\.\s*(?:dlopen|Unsafe\w*|Pointer\w*)/g,
    where: /^src\/libc\//,
    message: "belongs in src/libc",
  },
  { name: /\bDeno\s*\.\s*exit\b/g, where: /^main\.ts$/, message: "belongs in main.ts" },
  {
    name: /\bDeno\s*\.\s*chdir\b/g,
    where: /^$/,
    message: "moves every service of this process; use a directory's descriptor",
  },
] as const;

/** Types are erased: a pointer's type may be named anywhere. */
const TYPE_NAMES = /^Deno\s*\.\s*Pointer(?:Value|Object)$/;

/** Finds imports against the arrows, and names outside their room. */
export const checkImportDirection: Check = (source) => {
  const code = withoutComments(source.text);
  const problems: Problem[] = [];
  for (const match of code.matchAll(IMPORT)) {
    const specifier = match[3] ?? match[4] ?? /^["']([^"']+)["']$/.exec(match[5] ?? "")?.[1];
    const message = specifier === undefined
      ? "imports what is not a literal, so it would not be in the executable"
      : judgeImport(source, specifier, match[2] !== undefined);
    if (message) problems.push(problemAt(source, match.index, message));
  }
  for (const { name, where, message } of RESERVED) {
    if (where.test(source.path)) continue;
    for (const match of code.matchAll(name)) {
      if (TYPE_NAMES.test(match[0])) continue;
      problems.push(problemAt(source, match.index, `${match[0]} ${message}`));
    }
  }
  return problems;
};
