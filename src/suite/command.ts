/** What the tables of the suite hold: programs, and the executable's own subcommands. */

import type { Context } from "../system/context.ts";
import type { FileKernel, Files, Kernel } from "../system/kernel.ts";

/** A module that is a program. */
interface Module<Given> {
  run(context: Given): Promise<number>;
}

/** What every entry of a table says. */
interface Entry {
  /** One line on what it is for. */
  readonly summary: string;
  /** How it is called. */
  readonly usage: string;
}

/**
 * One entry of a table. `load` loads the module that does it: only then does its code cost
 * anything. Where only files are looked at, `kernel` says so, and the rest of the kernel interface
 * is not loaded either.
 */
export type Command<More = unknown> =
  & Entry
  & (
    | { readonly kernel?: undefined; readonly load: () => Promise<Module<Context & More>> }
    | { readonly kernel: "files"; readonly load: () => Promise<Module<Context<FileKernel> & More>> }
  );

/** What a subcommand is given: `args` begins behind its name. */
export interface VerbContext<Given extends Files = Kernel> extends Context<Given> {
  /** All subcommands, for those that list them. */
  readonly verbs: Readonly<Record<string, Verb>>;
}

/** A subcommand of the executable, as in `daemontools help`. */
export type Verb = Command<Pick<VerbContext, "verbs">>;
