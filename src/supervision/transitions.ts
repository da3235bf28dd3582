/**
 * The states of one supervised service, and what every event does in each of them. This file is
 * data: it names the actions, and the supervisor alone can carry them out.
 *
 * Actual and wanted are two things. The *state* says what is so:
 *
 *  - `down`: no process, and none is started without a command;
 *  - `waiting`: no process, and `./run` is started at a deadline that is set;
 *  - `up`: `./run` runs;
 *  - `paused`: `./run` runs, and a command sent it SIGSTOP;
 *  - `finishing`: `./run` has ended, and `./finish` runs;
 *  - `ended`: supervision is over, and the directory is let go.
 *
 * What is *wanted* (`up`, `down`, `once`) is changed by commands alone. It decides what follows
 * when the process ends. `x` makes supervision end with the process; nothing takes that back.
 */

import type { ControlLetter } from "./control.ts";

/** What is so; see the head of this file. */
export type State = "down" | "waiting" | "up" | "paused" | "finishing" | "ended";

/**
 * What can happen: a control letter, the process ended (`died`), `./finish` ended (`finished`), the
 * deadline passed (`due`), or supervision is to end in an orderly way and the service with it
 * (`stop`).
 */
export type Event = ControlLetter | "died" | "finished" | "due" | "stop";

/** What the table can ask a supervisor to do. */
export interface Actions {
  /** Does nothing. */
  nothing(): void;
  /** Wants the service up. */
  wantUp(): void;
  /** Wants it up, and not started again. */
  wantOnce(): void;
  /** Wants it down. */
  wantDown(): void;
  /** Wants it up and starts it. */
  startUp(): void;
  /** Wants it once and starts it. */
  startOnce(): void;
  /** Starts it, whatever is wanted. */
  start(): void;
  /** Wants it down and forgets the deadline. */
  cancelStart(): void;
  /** Wants it down and asks the process to end, even when it is paused. */
  takeDown(): void;
  /** Sends SIGSTOP. */
  pause(): void;
  /** Sends SIGCONT. */
  resume(): void;
  /** Sends SIGHUP. */
  hangUp(): void;
  /** Sends SIGALRM. */
  alarm(): void;
  /** Sends SIGINT. */
  interrupt(): void;
  /** Sends SIGTERM. */
  terminate(): void;
  /** Sends SIGKILL. */
  kill(): void;
  /** Sends SIGQUIT. */
  quit(): void;
  /** Sends SIGUSR1. */
  user1(): void;
  /** Sends SIGUSR2. */
  user2(): void;
  /** Sends SIGWINCH. */
  windowChange(): void;
  /** Has signals reach the process group from now on. */
  addressGroup(): void;
  /** Has signals reach the process alone from now on. */
  addressProcess(): void;
  /** Takes note that the process has ended. */
  processEnded(): void;
  /** Takes note that `./finish` has ended. */
  finishEnded(): void;
  /** Kills `./finish`. */
  killFinish(): void;
  /** Lets supervision end with the process. */
  leave(): void;
  /** As {@linkcode leave}, and takes the service down. */
  leaveAndTakeDown(): void;
  /** As {@linkcode leave}, and wants the service down. */
  leaveAndWantDown(): void;
  /** Ends supervision now. */
  endSupervision(): void;
}

/** The name of an action. */
export type Action = keyof Actions;

/** Whom signals are for, whether there is a process now or not. */
const ADDRESSING = { "+": "addressGroup", "=": "addressProcess" } as const;

const WITH_PROCESS = {
  ...ADDRESSING,
  u: "wantUp",
  o: "wantOnce",
  d: "takeDown",
  p: "pause",
  c: "resume",
  h: "hangUp",
  a: "alarm",
  i: "interrupt",
  t: "terminate",
  k: "kill",
  q: "quit",
  1: "user1",
  2: "user2",
  w: "windowChange",
  x: "leave",
  died: "processEnded",
  finished: "nothing",
  due: "nothing",
  stop: "leaveAndTakeDown",
} as const satisfies Record<Event, Action>;

/** Signals, and pausing, need a process. */
const WITHOUT_PROCESS = {
  ...ADDRESSING,
  p: "nothing",
  c: "nothing",
  h: "nothing",
  a: "nothing",
  i: "nothing",
  t: "nothing",
  k: "nothing",
  q: "nothing",
  1: "nothing",
  2: "nothing",
  w: "nothing",
  died: "nothing",
  finished: "nothing",
  x: "endSupervision",
  stop: "endSupervision",
} as const satisfies Partial<Record<Event, Action>>;

/** The action for every event in each state. */
export const TRANSITIONS: Readonly<Record<State, Readonly<Record<Event, Action>>>> = {
  down: { ...WITHOUT_PROCESS, u: "startUp", o: "startOnce", d: "wantDown", due: "nothing" },
  waiting: { ...WITHOUT_PROCESS, u: "startUp", o: "startOnce", d: "cancelStart", due: "start" },
  up: WITH_PROCESS,
  paused: WITH_PROCESS,
  finishing: {
    ...WITHOUT_PROCESS,
    u: "wantUp",
    o: "wantOnce",
    d: "wantDown",
    k: "killFinish",
    finished: "finishEnded",
    x: "leave",
    due: "nothing",
    stop: "leaveAndWantDown",
  },
  ended: {
    ...WITHOUT_PROCESS,
    u: "nothing",
    o: "nothing",
    d: "nothing",
    x: "nothing",
    due: "nothing",
    stop: "nothing",
  },
};
