/** All tools and subcommands with what they are for, as text. */

import { SUITE_NAME } from "../base/invocation.ts";
import type { Command, Verb } from "./command.ts";
import { GUIDES } from "./guides.ts";
import { PROGRAMS } from "./registry.ts";

/** A name, and what it is for. */
type Row = readonly [name: string, summary: string];

const NAME_WIDTH = 17;

/** One line for each program of the suite: its name, and what it is for. */
export function programList(): string {
  return rows(summariesOf(PROGRAMS));
}

/** How the executable is called, and what it can do. */
export function overview(verbs: Readonly<Record<string, Verb>>): string {
  return `usage: ${SUITE_NAME} TOOL [ argument ... ], or TOOL by a link of its name\n` +
    `       ${SUITE_NAME} SUBCOMMAND [ argument ... ]\n` +
    `\nsubcommands:\n${rows(summariesOf(verbs))}\ntools:\n${programList()}` +
    `\nguides, shown by ${SUITE_NAME} help:\n${rows(Object.entries(GUIDES))}`;
}

function summariesOf(
  table: Readonly<Record<string, Pick<Command, "summary" | "isInternal">>>,
): Row[] {
  return Object.entries(table).filter(([, { isInternal }]) => isInternal === undefined)
    .map(([name, { summary }]) => [name, summary]);
}

function rows(lines: readonly Row[]): string {
  return lines.map(([name, summary]) => `${name.padEnd(NAME_WIDTH)}${summary}\n`).join("");
}
