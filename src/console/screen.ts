/** What standard output is, and colours where they are wanted. */

import { decode } from "../base/bytes.ts";
import type { Context } from "../system/context.ts";

/** Standard output. */
export interface Screen {
  /** Its width in characters; undefined when it is no terminal. */
  readonly columns: number | undefined;
  /** Its height in lines; undefined when it is no terminal. */
  readonly rows: number | undefined;
  /** Whether it moves the cursor as it is told. */
  readonly isCapable: boolean;
  /** Puts a text in a colour, or leaves it as it is where there are none. */
  paint(colour: Colour, text: string): string;
}

/** Colours by what they say; a number for one of several that tell things apart. */
export type Colour = "good" | "bad" | "odd" | "faint" | "strong" | number;

const CODES: Readonly<Record<string, string>> = {
  good: "32",
  bad: "31",
  odd: "33",
  faint: "2",
  strong: "1",
};
/** Readable on light and on dark. */
const HUES = ["36", "33", "35", "32", "34", "96", "95", "93"];

/** The value of an environment variable; undefined when it is not set, or empty. */
export function variable({ environment }: Context, name: string): string | undefined {
  const entry = environment.map((each) => decode(each)).find((each) => each.startsWith(`${name}=`));
  return entry?.slice(name.length + 1) || undefined;
}

/** Looks at standard output. Colours are for terminals, and not where `NO_COLOR` is set. */
export function openScreen(context: Context): Screen {
  const isTerminal = Deno.stdout.isTerminal();
  const term = variable(context, "TERM");
  const isCapable = isTerminal && term !== undefined && term !== "dumb";
  const hasColours = isCapable && variable(context, "NO_COLOR") === undefined;
  const size = isTerminal ? sizeOfTerminal() : undefined;
  return {
    columns: size?.columns,
    rows: size?.rows,
    isCapable,
    paint(colour, text) {
      if (!hasColours) return text;
      const code = typeof colour === "number" ? HUES[colour % HUES.length] : CODES[colour];
      return `\x1b[${code}m${text}\x1b[0m`;
    },
  };
}

/**
 * The size of the terminal, where there is one; 80 by 24 when it does not know its own, or the half
 * that it knows.
 */
export function sizeOfTerminal(): { columns: number; rows: number } {
  const { columns, rows } = Deno.consoleSize();
  return { columns: columns || 80, rows: rows || 24 };
}

// deno-lint-ignore no-control-regex -- they are what is looked for
const CONTROLS = /[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/g;

/** Shows what would move the cursor or change colours: nobody's text may do that to a terminal. */
export function withoutControls(text: string): string {
  return text.replace(CONTROLS, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x20 ? `^${String.fromCharCode(code + 0x40)}` : "\ufffd";
  });
}
