/** Writing run scripts: words quoted so that a shell takes each for what it is. */

import { quoteWord } from "../base/shell_word.ts";

/** What a run script is to do. */
export interface RunScriptPlan {
  /** The program and its arguments. */
  readonly command: readonly string[];
  /** The account that it runs as; ours if undefined. */
  readonly user?: string | undefined;
  /** Whether it has variables in `./env`. */
  readonly hasEnvironment?: boolean;
  /** Whether its errors go where its output goes. */
  readonly joinsErrors?: boolean;
}

/** The text of a run script: every program in it becomes the next one. */
export function runScript(plan: RunScriptPlan): string {
  const words = [
    ...plan.hasEnvironment ? ["envdir", "./env"] : [],
    ...plan.user === undefined ? [] : ["setuidgid", plan.user],
    ...plan.command,
  ];
  const join = plan.joinsErrors ? "exec 2>&1\n" : "";
  return `#!/bin/sh\n${join}exec ${words.map(quoteWord).join(" ")}\n`;
}

/**
 * What a file of envdir must hold for a value.
 *
 * @returns undefined when no file can stand for it: envdir drops blanks at the end
 */
export function envFile(value: string): string | undefined {
  if (/[ \t]$/.test(value) || value.includes("\0")) return undefined;
  return `${value.replaceAll("\n", "\0")}\n`;
}
