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
  /** Whether the process is paused, or the next one will be. */
  readonly isPaused: boolean;
  /** Whether that is the process of a log host, which has other streams too. */
  readonly isHosted: boolean;
  /** The process id of `./finish`; 0 when it does not run. */
  readonly finishPid: number;
  /** When the process was started or ended last, or supervision began. */
  readonly since: Timestamp;
}

/**
 * Who asks a process to end: a letter of svc, the orderly end, its watchdog, or a svscan that takes
 * over a hosted log, whose stream goes on elsewhere.
 */
export type Asker = "d" | "i" | "k" | "t" | "stop" | "watchdog" | "takeover";

/** Something that has happened to a service. */
export type Happening =
  | {
    /** Its process was started. */
    readonly event: "start";
    /** The process id. */
    readonly pid: number;
    /** The letter of svc that asked for it; undefined when none did. */
    readonly by: "u" | "o" | undefined;
  }
  | {
    /** Its process, left by an earlier supervisor, was taken over. */
    readonly event: "adopted";
    /** The process id. */
    readonly pid: number;
  }
  | {
    /** Its process said that another one is the service from now on. */
    readonly event: "main";
    /** The process id of that. */
    readonly pid: number;
  }
  | {
    /** Its process has ended. */
    readonly event: "exit";
    /** The process id. */
    readonly pid: number;
    /** As from waitpid(2); undefined when it cannot be known. */
    readonly waitStatus: number | undefined;
    /** How long it had run, in milliseconds. */
    readonly ranMs: number;
    /** Who asked for that; undefined when nobody did. */
    readonly by: Asker | undefined;
  }
  | {
    /** `./finish` was started. */
    readonly event: "finish";
    /** Its process id. */
    readonly pid: number;
  }
  | {
    /** `./finish` has ended. */
    readonly event: "finished";
    /** As from waitpid(2); undefined when it cannot be known. */
    readonly waitStatus: number | undefined;
  }
  | {
    /** It is started again after a pause that is longer than usual. */
    readonly event: "wait";
    /** The pause, in milliseconds. */
    readonly pauseMs: number;
  }
  | {
    /**
     * It says that it is ready, reads its configuration again, or is about to end; or its watchdog
     * has waited in vain.
     */
    readonly event: "ready" | "reloading" | "stopping" | "watchdog";
    /** The process id. */
    readonly pid: number;
  }
  | {
    /** It could not be started, or is not started again. */
    readonly event: "failed";
    /** Why: a word. */
    readonly reason: "no-run" | "permanent-exit" | "max-restarts";
  };

/** Follows one service. What it does not care for it leaves out. */
export interface Observer {
  /**
   * Told at the beginning, and whenever an event has changed something.
   *
   * @param snapshot what is so now; its state is `ended` the last time
   */
  changed?(snapshot: Snapshot): void;
  /** Told of something that has happened, before the change that it brings about. */
  happened?(happening: Happening): void;
  /** Told that nothing follows: frees what the observer holds. The directory is still open. */
  close?(): void;
}

/** Several observers as one, told in their order. */
export class Observers implements Observer {
  readonly #observers: readonly Observer[];

  /** @param observers who is told, the first one first */
  constructor(...observers: readonly Observer[]) {
    this.#observers = observers;
  }

  changed(snapshot: Snapshot): void {
    for (const observer of this.#observers) observer.changed?.(snapshot);
  }

  happened(happening: Happening): void {
    for (const observer of this.#observers) observer.happened?.(happening);
  }

  close(): void {
    for (const observer of this.#observers) observer.close?.();
  }
}
