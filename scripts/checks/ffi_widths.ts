/**
 * The tables of `src/libc` say for each symbol its C declaration, and the types agree with it. A
 * wrong width is silent: half of a number is simply lost.
 */

import { type Check, problemAt } from "./source.ts";

/** C types that are not pointers, as glibc has them on x86-64, and what they are in a table. */
const C_TYPES: Readonly<Record<string, string>> = {
  "void": "void",
  "short": "i16",
  "unsigned short": "u16",
  "int": "i32",
  "unsigned": "u32",
  "unsigned int": "u32",
  "long": "i64",
  "long int": "i64",
  "unsigned long": "u64",
  "long long": "i64",
  "unsigned long long": "u64",
  "size_t": "usize",
  "ssize_t": "isize",
  "off_t": "i64",
  "time_t": "i64",
  "pid_t": "i32",
  "id_t": "u32",
  "idtype_t": "u32",
  "clockid_t": "i32",
  "socklen_t": "u32",
  "nfds_t": "u64",
  "rlim_t": "u64",
  "dev_t": "u64",
  "mode_t": "u32",
  "uid_t": "u32",
  "gid_t": "u32",
  "int16_t": "i16",
  "uint16_t": "u16",
  "int32_t": "i32",
  "uint32_t": "u32",
  "int64_t": "i64",
  "uint64_t": "u64",
  // Enumerations, which are unsigned int.
  "__rlimit_resource_t": "u32",
  "enum __rlimit_resource": "u32",
};

/** One entry of a table, with what stands above it and what follows on its last line. */
const ENTRY =
  /^(?:[ \t]*\/\/[ \t]*(?<above>[^\n]*)\n)?[ \t]*(?<name>\w+):\s*\{(?<body>\s*(?:name:\s*"[^"]*",\s*)?(?:parameters|type)\s*:[^}]*)\}[ \t]*,?(?:[ \t]*\/\/[ \t]*(?<after>[^\n]*))?/gm;

const DECLARATION = /^(?<type>[\w\s*]+?)\s*(?<name>\w+)\((?<parameters>[^)]*)\)/;

/** What an FFI type may be for a C type, or nothing when the C type is not known. */
function ffiTypes(cType: string): string[] | undefined {
  if (cType.includes("*") || cType.includes("[")) return ["buffer", "pointer"];
  const found = C_TYPES[
    cType.replace(/\b(?:const|volatile|register)\b/g, "").trim()
      .replace(/\s+/g, " ")
  ];
  return found === undefined ? undefined : [found];
}

/** `const char *path` without its name: `const char *`. */
function typeOfParameter(parameter: string): string {
  const words = parameter.trim();
  return ffiTypes(words) ? words : words.replace(/\w+(\[\w*\])?$/, "$1").trim();
}

function judgeType(what: string, cType: string, ffiType: string): string[] {
  const wanted = ffiTypes(cType);
  if (!wanted) return [`${what}: the C type "${cType}" is not known to this check`];
  if (wanted.includes(ffiType)) return [];
  return [`${what}: "${cType}" is ${wanted.join(" or ")}, not ${ffiType}`];
}

function judgeFunction(name: string, body: string, comment: string): string[] {
  const declared = DECLARATION.exec(comment)?.groups;
  if (!declared) return [`${name} has no C declaration beside it`];
  const problems: string[] = [];
  const symbol = /\bname:\s*"([^"]*)"/.exec(body)?.[1] ?? name;
  if (declared.name !== symbol) problems.push(`${symbol} is declared as ${declared.name}`);
  const given = [...(/parameters:\s*\[([^\]]*)\]/.exec(body)?.[1] ?? "").matchAll(/"(\w+)"/g)]
    .map((match) => match[1] ?? "");
  const list = (declared.parameters ?? "").trim();
  const wanted = list === "" || list === "void" ? [] : list.split(",").map((each) => each.trim());
  // What follows "..." is the call's affair: the table may go on, the declaration cannot.
  const fixed = wanted.filter((each) => each !== "...");
  if (
    fixed.length !== given.length && !(fixed.length < wanted.length && given.length > fixed.length)
  ) {
    return [...problems, `${name} takes ${fixed.length} parameters, not ${given.length}`];
  }
  for (const [index, parameter] of fixed.entries()) {
    const what = `${name}, parameter ${index + 1}`;
    problems.push(...judgeType(what, typeOfParameter(parameter), given[index] ?? ""));
  }
  const result = /\bresult:\s*"(\w+)"/.exec(body)?.[1] ?? "";
  return [...problems, ...judgeType(`${name}, result`, declared.type ?? "", result)];
}

/** Finds symbols whose types are not those of their C declaration. */
export const checkFfiWidths: Check = (source) => {
  if (!source.path.startsWith("src/libc/")) return [];
  const problems = [];
  for (const match of source.text.matchAll(ENTRY)) {
    const { name = "", body = "", above = "", after = "" } = match.groups ?? {};
    const isFunction = body.includes("parameters:");
    const found = isFunction
      ? judgeFunction(name, body, after || above)
      : (after || above).includes(name)
      ? []
      : [`${name} has no C declaration beside it`];
    const offset = match.index + match[0].search(/\w+:\s*\{/);
    problems.push(...found.map((message) => problemAt(source, offset, message)));
  }
  return problems;
};
