/** Each export says what it is, in a `/** … *\/` comment directly above it. */

import { type Check, problemAt, withoutComments } from "./source.ts";

const EXPORT =
  /^export (?:default )?(?:declare )?(?:abstract )?(?:async )?(function\*?|class|interface|type|const|let|enum) (\w+)/gm;

/** What may stand between the comment and the export. */
const BETWEEN = /(?:\s|\/\/[^\n]*\n)*$/;

/** Finds exports without a docstring. The first of a function's overloads speaks for all. */
export const checkDocstrings: Check = (source) => {
  const documented = new Set<string>();
  const problems = [];
  for (const match of withoutComments(source.text).matchAll(EXPORT)) {
    const [, kind = "", name = ""] = match;
    const above = source.text.slice(0, match.index).replace(BETWEEN, "");
    const comment = above.endsWith("*/") ? above.slice(above.lastIndexOf("/*")) : "";
    if (/^\/\*\*[^]*\w/.test(comment)) documented.add(name);
    else if (!documented.has(name)) {
      problems.push(problemAt(source, match.index, `${kind} ${name} has no docstring`));
    }
  }
  return problems;
};
