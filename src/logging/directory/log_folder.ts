/** What the parts of a log directory know of it. */

import type { Bytes } from "../../base/bytes.ts";
import type { Retrier } from "../retrier.ts";
import type { DirectoryPlan } from "../script.ts";
import type { StreamContext } from "../stream_context.ts";

/** One log directory, open. */
export interface LogFolder {
  /** What its stream works with. */
  readonly context: StreamContext;
  /** What the script says of it. */
  readonly plan: DirectoryPlan;
  /** Its descriptor. */
  readonly fd: number;
  /** Its name in messages. */
  readonly name: Bytes;
  /** Tries what is done to its files again, until the directory is removed. */
  readonly retrier: Retrier;
}
