/** What `check` finds: why something does not work, or will not, and what to do. */

import type { Accounts, Files, FileSystems } from "../../system/kernel.ts";
import type { LogFiles } from "../log_directories.ts";
import type { Observation } from "../observe.ts";
import type { ProcessEntry, ProcessTable } from "../process_table.ts";

/** One finding. */
export interface Finding {
  /** The service's name; undefined when it is about all of them. */
  readonly service?: string;
  /** What kind it is, for programs: lower-case words with hyphens, which do not change. */
  readonly code: string;
  /** What is wrong, and why that matters. */
  readonly problem: string;
  /** What to do. */
  readonly advice: string;
}

/** What is needed of the kernel. */
export type CheckKernel =
  & LogFiles
  & Pick<Files, "statLink" | "readLink">
  & Pick<Accounts, "findAccount">
  & FileSystems;

/** A process that has no parent of its own: it has lost it, or is a supervisor's. */
export interface Stray {
  /** The process. */
  readonly entry: ProcessEntry;
  /** What tells its working directory from all others. */
  readonly directory: string | undefined;
  /** Pipes that it writes its output and errors to. */
  readonly pipes: readonly string[];
}

/** A service to check. */
export interface Subject {
  /** The service. */
  readonly observation: Observation;
  /** All processes. */
  readonly processes: ProcessTable;
  /** Processes that may have left their services. */
  readonly strays: readonly Stray[];
  /** Whether the supervisor is root's, so that whoever writes `run` is root. */
  readonly isRoot: boolean;
}
