/** The command lines of the everyday commands: long options, short ones, names, and `--help`. */

import { parseArgs } from "@std/cli/parse-args";
import { decode, encode } from "../base/bytes.ts";
import { EXIT_OK, EXIT_USAGE } from "../base/exit_codes.ts";
import { ProgramEnd } from "../base/messages.ts";
import { type Context, print } from "../system/context.ts";

/** Which options a command has. */
export interface CommandLineRules {
  /** Options without a value. */
  readonly flags?: readonly string[];
  /** Options with a value; `values` tells them all where one is given more than once. */
  readonly valued?: readonly string[];
  /** Short letters for long names. */
  readonly letters?: Readonly<Record<string, string>>;
  /** What `--help` prints below the usage line: a line per option. */
  readonly help: string;
}

/** What was given on a command line. */
export interface CommandLine {
  /** Whether a flag was given. */
  flag(name: string): boolean;
  /** The value of an option, the last one if there are several. */
  value(name: string): string | undefined;
  /** The values of an option, in order. */
  values(name: string): readonly string[];
  /** A value that must be a number, zero or more. */
  number(name: string): number | undefined;
  /** What is no option. */
  readonly names: readonly string[];
  /** What stands behind `--`; undefined when there is no `--`. */
  readonly rest: readonly string[] | undefined;
}

/** Options of every everyday command. */
const COMMON = { flags: ["help"], valued: ["directory"], letters: { h: "help", C: "directory" } };
const COMMON_HELP = `  -C, --directory DIR  the services' directory, instead of those of
                       $DAEMONTOOLS_SERVICES, or /service or /etc/service
  -h, --help           show this
`;
/** The help of every command fits a usual terminal. */
const HELP_WIDTH = 80;
const INDENT = " ".repeat(7);

/**
 * Ends a command that was called wrongly: what is wrong, the usage line, exit code 100.
 *
 * @throws {ProgramEnd} always
 */
export function wrongCall({ program, usage }: Context, what: string): never {
  throw new ProgramEnd(EXIT_USAGE, encode(`${program}: ${what}\n${usage}\n`));
}

/**
 * Reads a command line.
 *
 * @throws {ProgramEnd} with exit code 100 when it is wrong; with 0 when help was asked for, and
 *   has been printed
 */
export function readCommandLine(context: Context, rules: CommandLineRules): CommandLine {
  const flags = [...COMMON.flags, ...rules.flags ?? []];
  const valued = [...COMMON.valued, ...rules.valued ?? []];
  const words = context.args.map((word) => decode(word));
  const parsed: Record<string, unknown> = parseArgs(words, {
    boolean: flags,
    string: [...valued, "_"],
    collect: valued,
    alias: { ...COMMON.letters, ...rules.letters },
    "--": true,
    unknown: (word, key) => key === undefined || wrongCall(context, `unknown option ${word}`),
  });
  if (parsed.help === true) {
    print(context, helpText(context, rules));
    throw new ProgramEnd(EXIT_OK, encode(""));
  }
  const values = (name: string): string[] => (parsed[name] as string[] | undefined) ?? [];
  for (const name of valued) {
    if (values(name).includes("")) wrongCall(context, `option --${name} needs a value`);
  }
  return {
    flag: (name) => parsed[name] === true,
    value: (name) => values(name).at(-1),
    values,
    number(name) {
      const text = values(name).at(-1);
      if (text === undefined) return undefined;
      if (/^(\d+\.?\d*|\.\d+)$/.test(text)) return Number(text);
      wrongCall(context, `--${name} ${text}: that is no number`);
    },
    names: (parsed._ as (string | number)[]).map(String),
    rest: words.includes("--") ? parsed["--"] as string[] : undefined,
  };
}

function helpText({ usage }: Context, { help }: CommandLineRules): string {
  return `${wrapUsage(usage.replace(/^[^:]*: /, ""))}\n\n${help}${COMMON_HELP}`;
}

/** Breaks a usage line that is too long: what belongs to one option stays together. */
function wrapUsage(usage: string): string {
  const parts = usage.match(/\[ .*? \](?: \.\.\.)?|\( .*? \)|\S+(?: -- \S+)? \.\.\.|\S+/g) ?? [];
  const lines: string[] = [];
  for (const part of parts) {
    const longer = lines.length === 0 ? part : `${lines.at(-1)} ${part}`;
    if (lines.length > 0 && longer.length <= HELP_WIDTH) lines[lines.length - 1] = longer;
    else lines.push(lines.length === 0 ? part : INDENT + part);
  }
  return lines.join("\n");
}
