/**
 * The stand-ins of `scripts/offline` are what is imported from `@std`: each module and each name of
 * it, and nothing else.
 */

import { type Problem, problemAt, type Source } from "./source.ts";

/** Where the modules and their stand-ins are listed. */
export const IMPORT_MAP = "scripts/offline/import_map.json";

const IMPORT = /^import (?:type )?(\{[^}]*\}|[^;"{]*) from "(@std[^"]*)";$/gm;
const EXPORT = /^export (?:async )?(?:function|class|const) (\w+)/gm;

/** The names in `{ a, type b, c as d }`, as they are exported. */
function namesIn(clause: string): string[] {
  const words = clause.replace(/[{}\s]+/g, " ").split(",").map((part) => part.trim());
  return words.filter(Boolean).map((part) => part.replace(/^type /, "").replace(/ as .*/, ""));
}

/**
 * Finds what is imported from `@std` without a stand-in, and stand-ins that nobody imports.
 *
 * @param sources all source files
 * @param importMap the text of the import map
 * @returns what is too little and what is too much
 */
export function checkStandIns(sources: readonly Source[], importMap: string): Problem[] {
  const { imports } = JSON.parse(importMap) as { imports: Record<string, string> };
  const used = new Map<string, Set<string>>(Object.keys(imports).map((name) => [name, new Set()]));
  const problems: Problem[] = [];
  for (const source of sources) {
    for (const match of source.text.matchAll(IMPORT)) {
      const [, clause = "", specifier = ""] = match;
      const names = used.get(specifier);
      if (names === undefined) {
        problems.push(problemAt(source, match.index, `${specifier} is not in ${IMPORT_MAP}`));
      } else if (clause.startsWith("{")) {
        namesIn(clause).forEach((name) => names.add(name));
      }
    }
  }
  const unused = (path: string, what: string): Problem => (
    { path, line: 1, message: `nobody imports ${what}` }
  );
  for (const [specifier, names] of used) {
    if (names.size === 0) problems.push(unused(IMPORT_MAP, specifier));
    const path = `scripts/offline/${imports[specifier]?.replace(/^\.\//, "")}`;
    const text = sources.find((source) => source.path === path)?.text ?? "";
    for (const [, name = ""] of text.matchAll(EXPORT)) {
      // Errors are caught, not imported.
      if (!names.has(name) && !name.endsWith("Error")) problems.push(unused(path, name));
    }
  }
  return problems;
}
