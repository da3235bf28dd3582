/**
 * Option letters as the C tools read them: letters may be clustered, options end at the first
 * argument that does not start with `-`, and anything that starts with `--` ends them and is
 * dropped.
 */

import { type Bytes, concat } from "./bytes.ts";
import { ProgramEnd } from "./messages.ts";
import { EXIT_USAGE } from "./exit_codes.ts";

const DASH = 0x2d;

/** One option met on the command line. */
export interface ParsedOption {
  /** The letter. */
  readonly letter: string;
  /** Its value; empty for an option that takes none. */
  readonly value: Bytes;
}

/** How the options of one program are to be read. */
export interface OptionRules {
  /** Letters of options without a value. */
  readonly flags: string;
  /** Letters of options with a value. */
  readonly valued: string;
  /** What the complaint about an option begins with: the base name the program was called by. */
  readonly invokedAs: Bytes;
  /** The line printed after a complaint. */
  readonly usage: string;
  /** Called with each option as it is read, before what follows it is looked at. */
  readonly onOption?: (option: ParsedOption) => void;
}

/**
 * Reads options off the front of `args`.
 *
 * @returns the options in order, and what is left
 * @throws {ProgramEnd} with exit code 100 on an unknown letter or a missing value
 */
export function parseOptions(
  args: readonly Bytes[],
  rules: OptionRules,
): { options: ParsedOption[]; rest: readonly Bytes[] } {
  const options: ParsedOption[] = [];
  const take = (option: ParsedOption) => {
    options.push(option);
    rules.onOption?.(option);
  };
  let index = 0;
  for (; index < args.length; index++) {
    const word = args[index]!;
    if (word.length < 2 || word[0] !== DASH) break;
    if (word[1] === DASH) {
      index++;
      break;
    }
    for (let at = 1; at < word.length; at++) {
      const letter = String.fromCharCode(word[at]!);
      if (rules.flags.includes(letter)) {
        take({ letter, value: word.subarray(0, 0) });
        continue;
      }
      if (!rules.valued.includes(letter)) complain(rules, "illegal option", word[at]!);
      const attached = word.subarray(at + 1);
      if (attached.length === 0 && index + 1 === args.length) {
        complain(rules, "option requires an argument", word[at]!);
      }
      take({ letter, value: attached.length > 0 ? attached : args[++index]! });
      break;
    }
  }
  return { options, rest: args.slice(index) };
}

function complain(rules: OptionRules, what: string, letter: number): never {
  const text = concat(
    rules.invokedAs,
    `: ${what} -- `,
    Uint8Array.of(letter),
    "\n",
    rules.usage,
    "\n",
  );
  throw new ProgramEnd(EXIT_USAGE, text);
}
