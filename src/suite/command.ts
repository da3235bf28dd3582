/** What the tables of the suite hold: programs, and the executable's own subcommands. */

import type { Context } from "../system/context.ts";

/** One entry of a table. */
export interface Command<Given extends Context = Context> {
  /** One line on what it is for. */
  readonly summary: string;
  /** How it is called. */
  readonly usage: string;
  /** Loads the module that does it; only then does its code cost anything. */
  readonly load: () => Promise<{ run(context: Given): Promise<number> }>;
}

/** What a subcommand is given: `args` begins behind its name. */
export interface VerbContext extends Context {
  /** All subcommands, for those that list them. */
  readonly verbs: Readonly<Record<string, Verb>>;
}

/** A subcommand of the executable, as in `daemontools help`. */
export type Verb = Command<VerbContext>;
