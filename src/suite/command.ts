/** What the tables of the suite hold: programs, and the executable's own subcommands. */

import type { Context } from "../system/context.ts";
import type {
  BasicFiles,
  FileKernel,
  Kernel,
  ProcessKernel,
  ProgramKernel,
} from "../system/kernel.ts";

/** A module that is a program. */
interface Module<Given> {
  run(context: Given): Promise<number>;
}

/** A module that is a program, with the part of the kernel interface that it uses. */
export interface ModuleWithKernel<Given extends BasicFiles, More>
  extends Module<Context<Given> & More> {
  newKernel(): Given;
}

/** What every entry of a table says. */
interface Entry {
  /** One line on what it is for. */
  readonly summary: string;
  /** How it is called. */
  readonly usage: string;
  /** Whether other tools start it, and nobody types it: it is not listed, and never suggested. */
  readonly isInternal?: true;
}

/**
 * One entry of a table. `load` loads the module that does it: only then does its code cost
 * anything. `kernel` says which part of the kernel interface it uses, where that is not all: `files`
 * for what does little with files, `program` for what becomes another program, `processes` for what
 * starts one.
 */
export type Command<More = unknown> =
  & Entry
  & (
    | { readonly kernel?: undefined; readonly load: () => Promise<Module<Context & More>> }
    | { readonly kernel: "files"; readonly load: () => Promise<Module<Context<FileKernel> & More>> }
    | {
      readonly kernel: "program";
      readonly load: () => Promise<ModuleWithKernel<ProgramKernel, More>>;
    }
    | {
      readonly kernel: "processes";
      readonly load: () => Promise<ModuleWithKernel<ProcessKernel, More>>;
    }
  );

/** What a subcommand is given: `args` begins behind its name. */
export interface VerbContext<Given extends BasicFiles = Kernel> extends Context<Given> {
  /** All subcommands, for those that list them. */
  readonly verbs: Readonly<Record<string, Verb>>;
}

/** A subcommand of the executable, as in `daemontools help`. */
export type Verb = Command<Pick<VerbContext, "verbs">>;
