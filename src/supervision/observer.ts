/** Those who are told what becomes of a service: they follow its state and do not change it. */

import type { Timestamp } from "../base/tai64n.ts";
import type { Want } from "../base/status_record.ts";
import type { State } from "./transitions.ts";

/** What is so at one moment. */
export interface Snapshot {
  /** The state. */
  readonly state: State;
  /** What is wanted. */
  readonly want: Want;
  /** Whether supervision is to end with the process. */
  readonly leaving: boolean;
  /** The process id; 0 when there is no process. */
  readonly pid: number;
  /** Whether that is the process of a log host, which has other streams too. */
  readonly isHosted: boolean;
  /** When the process was started or ended last, or supervision began. */
  readonly since: Timestamp;
}

/** Follows one service. */
export interface Observer {
  /**
   * Told at the beginning, and whenever an event has changed something.
   *
   * @param snapshot what is so now; its state is `ended` the last time
   */
  changed(snapshot: Snapshot): void;
  /** Told that nothing follows: frees what the observer holds. The directory is still open. */
  close(): void;
}
