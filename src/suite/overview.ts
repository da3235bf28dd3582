/** All tools and subcommands with what they are for, as text. */

import { SUITE_NAME } from "../base/invocation.ts";
import type { Command, Verb } from "./command.ts";
import { PROGRAMS } from "./registry.ts";

const NAME_WIDTH = 14;

/** One line for each program of the suite: its name, and what it is for. */
export function programList(): string {
  return rows(PROGRAMS);
}

/** How the executable is called, and what it can do. */
export function overview(verbs: Readonly<Record<string, Verb>>): string {
  return `usage: ${SUITE_NAME} TOOL [ argument ... ], or TOOL by a link of its name\n` +
    `       ${SUITE_NAME} SUBCOMMAND [ argument ... ]\n` +
    `\nsubcommands:\n${rows(verbs)}\ntools:\n${programList()}`;
}

function rows(table: Readonly<Record<string, Pick<Command, "summary">>>): string {
  const lines = Object.entries(table).map(([name, { summary }]) =>
    `${name.padEnd(NAME_WIDTH)}${summary}\n`
  );
  return lines.join("");
}
