/**
 * One supervised service: its states, and what every event does in each of them.
 *
 * Actual and wanted are two things. The *state* says what is so:
 *
 *  - `down`: no process, and none is going to be started without a command;
 *  - `waiting`: no process, and `./run` will be started at a deadline that is already set;
 *  - `up`: `./run` runs;
 *  - `paused`: `./run` runs and was sent SIGSTOP by a command;
 *  - `ended`: supervision is over, the directory is let go.
 *
 * What is *wanted* (`up`, `down`, `once`) is changed by commands alone, and decides what follows
 * when the process ends. `leaving`, set by `x` and never taken back, makes supervision end with
 * the process.
 *
 * Starts are at least a second apart: a service that ends is started again at once when it has
 * run that long, else a second after its last start. Nothing blocks meanwhile; commands act as
 * they arrive.
 */

import type { Bytes } from "../base/bytes.ts";
import { encode } from "../base/bytes.ts";
import { ERRNO } from "../base/errno.ts";
import { messageLine } from "../base/messages.ts";
import { SIGNAL } from "../base/signals.ts";
import { errnoOf } from "../base/system_error.ts";
import type { Timestamp } from "../base/tai64n.ts";
import type { Host } from "../reactor/host.ts";
import type { Timer } from "../reactor/reactor.ts";
import { type ControlLetter, controlLetter } from "./control.ts";
import { ServiceDirectory } from "./service_directory.ts";
import { encodeStatus, type Want } from "../base/status_record.ts";

/** What is so; see the head of this file. */
export type State = "down" | "waiting" | "up" | "paused" | "ended";

/**
 * What can happen: a control letter, the process ended (`died`), the deadline passed (`due`), or
 * supervision is to end in an orderly way and the service with it (`stop`).
 */
export type Event = ControlLetter | "died" | "due" | "stop";

const RESTART_INTERVAL_MS = 1000;
const FORK_RETRY_MS = 60_000;
const STATUS_RETRY_MS = 5000;
const CONTROL_BUFFER = new Uint8Array(4096);
const RUN = "./run";
const RUN_ARGV = [encode(RUN)];

/** Where a service is and what it is connected to. */
export interface ServicePlace {
  /** The directory that `path` is relative to. */
  readonly at: number;
  /** The service directory. */
  readonly path: Bytes;
  /** How messages name it. */
  readonly name: Bytes;
  /** What becomes standard input of `./run`; ours if absent. */
  readonly stdinFd?: number | undefined;
  /** What becomes standard output of `./run`; ours if absent. */
  readonly stdoutFd?: number | undefined;
  /** Asked when `./run` has ended: whether it is not to be started again, whatever is wanted. */
  readonly isOver?: () => boolean;
}

type Action = (supervisor: Supervisor) => void;

const nothing: Action = () => {};
const signal = (number: number): Action => (supervisor) => supervisor.send(number);

const wantUp: Action = (supervisor) => supervisor.setWant("up");
const wantOnce: Action = (supervisor) => supervisor.setWant("once");
const wantDown: Action = (supervisor) => supervisor.setWant("down");
const upNow: Action = (supervisor) => {
  supervisor.setWant("up");
  supervisor.start();
};
const onceNow: Action = (supervisor) => {
  supervisor.setWant("once");
  supervisor.start();
};
const cancelStart: Action = (supervisor) => {
  supervisor.setWant("down");
  supervisor.become("down");
};
const terminate: Action = (supervisor) => {
  supervisor.setWant("down");
  supervisor.terminate();
};
const leave: Action = (supervisor) => supervisor.leaveWithProcess();
const stop: Action = (supervisor) => {
  supervisor.leaveWithProcess();
  supervisor.setWant("down");
  supervisor.terminate();
};
const finish: Action = (supervisor) => supervisor.finish();
const start: Action = (supervisor) => supervisor.start();
const pause: Action = (supervisor) => {
  supervisor.send(SIGNAL.STOP);
  supervisor.become("paused");
};
const resume: Action = (supervisor) => {
  supervisor.send(SIGNAL.CONT);
  supervisor.become("up");
};
const processEnded: Action = (supervisor) => supervisor.processEnded();

const WHEN_RUNNING = {
  u: wantUp,
  o: wantOnce,
  d: terminate,
  p: pause,
  c: resume,
  h: signal(SIGNAL.HUP),
  a: signal(SIGNAL.ALRM),
  i: signal(SIGNAL.INT),
  t: signal(SIGNAL.TERM),
  k: signal(SIGNAL.KILL),
  x: leave,
  died: processEnded,
  due: nothing,
  stop,
} satisfies Record<Event, Action>;

/** Signals, and pausing, need a process. */
const WITHOUT_PROCESS = {
  p: nothing,
  c: nothing,
  h: nothing,
  a: nothing,
  i: nothing,
  t: nothing,
  k: nothing,
  died: nothing,
  x: finish,
  stop: finish,
} satisfies Partial<Record<Event, Action>>;

/** What every event does in each state. */
export const TRANSITIONS: Readonly<Record<State, Readonly<Record<Event, Action>>>> = {
  down: { ...WITHOUT_PROCESS, u: upNow, o: onceNow, d: wantDown, due: nothing },
  waiting: { ...WITHOUT_PROCESS, u: upNow, o: onceNow, d: cancelStart, due: start },
  up: WHEN_RUNNING,
  paused: WHEN_RUNNING,
  ended: {
    ...WITHOUT_PROCESS,
    u: nothing,
    o: nothing,
    d: nothing,
    x: nothing,
    due: nothing,
    stop: nothing,
  },
};

/** Supervises one service. */
export class Supervisor {
  readonly #host: Host;
  readonly #place: ServicePlace;
  readonly #directory: ServiceDirectory;
  readonly #onEnd: () => void;
  #state: State = "down";
  #want: Want;
  #leaving = false;
  #pid = 0;
  #since: Timestamp;
  #lastStartMs = -Infinity;
  #deadline: Timer | undefined;
  #statusRetry: Timer | undefined;
  #statusChanged = true;
  #stdoutFd: number | undefined;

  /**
   * Takes a service directory under supervision and starts the service, unless it has a `down`
   * file.
   *
   * @param onEnd called when supervision has ended and the directory is let go
   * @throws {ProgramEnd} when the directory cannot be taken; nothing was started
   */
  constructor(host: Host, place: ServicePlace, onEnd: () => void) {
    this.#host = host;
    this.#place = place;
    this.#onEnd = onEnd;
    this.#stdoutFd = place.stdoutFd;
    this.#directory = new ServiceDirectory(host.kernel, place.at, place.path, place.name);
    this.#since = host.kernel.now();
    this.#want = this.#directory.startsDown ? "down" : "up";
    this.#writeStatus();
    try {
      this.#directory.announce();
    } catch (error) {
      this.#letGo();
      throw error;
    }
    host.reactor.watch(this.#directory.controlFd, () => this.#readControl());
    if (this.#want === "up") this.start();
    this.#flushStatus();
  }

  /** What is so. */
  get state(): State {
    return this.#state;
  }

  /** What is wanted. */
  get want(): Want {
    return this.#want;
  }

  /** Process id of `./run`; 0 when there is none. */
  get pid(): number {
    return this.#pid;
  }

  /** How messages name the service. */
  get name(): Bytes {
    return this.#directory.name;
  }

  /** Connects standard output of `./run` elsewhere, from its next start on. */
  connectStdout(fd: number): void {
    this.#stdoutFd = fd;
  }

  /** Lets an event have its effect; the status record on disk follows. */
  handle(event: Event): void {
    TRANSITIONS[this.#state][event](this);
    if (this.#state !== "ended") this.#flushStatus();
  }

  /** Changes the state. For the table of transitions. */
  become(state: State): void {
    if (this.#deadline !== undefined) this.#host.reactor.cancel(this.#deadline);
    this.#deadline = undefined;
    this.#state = state;
    this.#statusChanged = true;
  }

  /** Changes what is wanted. For the table of transitions. */
  setWant(want: Want): void {
    this.#want = want;
    this.#statusChanged = true;
  }

  /** Makes supervision end with the process. For the table of transitions. */
  leaveWithProcess(): void {
    this.#leaving = true;
  }

  /** Sends a signal to `./run`, which is running. For the table of transitions. */
  send(number: number): void {
    try {
      // Until it is reaped the id cannot belong to another process.
      this.#host.kernel.kill(this.#pid, number);
    } catch (error) {
      const parts = ["unable to signal ", this.name, "/run"];
      this.#host.report(messageLine("supervise", "warning", parts, errnoOf(error)));
    }
  }

  /** Asks `./run` to end, even when it is paused. For the table of transitions. */
  terminate(): void {
    this.send(SIGNAL.TERM);
    this.send(SIGNAL.CONT);
    this.become("up");
  }

  /** Starts `./run`, or sets the deadline for it. For the table of transitions. */
  start(): void {
    const restMs = this.#lastStartMs + RESTART_INTERVAL_MS - this.#host.reactor.nowMs();
    if (restMs > 0) return this.#startAfter(restMs);
    this.#lastStartMs = this.#host.reactor.nowMs();
    try {
      this.#pid = this.#host.children.start(this.#plan(), () => this.handle("died"));
      this.#since = this.#host.kernel.now();
      this.become("up");
    } catch (error) {
      this.#startFailed(errnoOf(error));
    }
  }

  /** Takes note that `./run` has ended. For the table of transitions. */
  processEnded(): void {
    this.#pid = 0;
    this.#since = this.#host.kernel.now();
    this.#decideAfterEnd();
  }

  /** Ends supervision. For the table of transitions. */
  finish(): void {
    this.become("ended");
    this.#writeStatus();
    this.#host.reactor.unwatch(this.#directory.controlFd);
    this.#letGo();
    this.#onEnd();
  }

  #plan() {
    return {
      path: RUN,
      argv: RUN_ARGV,
      environment: this.#host.environment,
      directoryFd: this.#directory.fd,
      stdinFd: this.#place.stdinFd,
      stdoutFd: this.#stdoutFd,
    };
  }

  #startAfter(delayMs: number): void {
    this.become("waiting");
    this.#deadline = this.#host.reactor.after(delayMs, () => this.handle("due"));
  }

  #startFailed(errno: number): void {
    const { name } = this.#directory;
    if (errno === ERRNO.EAGAIN || errno === ERRNO.ENOMEM) {
      const parts = ["unable to fork for ", name, ", sleeping 60 seconds"];
      this.#host.report(messageLine("supervise", "warning", parts, errno));
      return this.#startAfter(FORK_RETRY_MS);
    }
    this.#host.report(
      messageLine("supervise", "fatal", ["unable to start ", name, "/run"], errno),
    );
    this.#since = this.#host.kernel.now();
    this.#decideAfterEnd();
  }

  #decideAfterEnd(): void {
    if (this.#leaving || this.#place.isOver?.()) return this.finish();
    if (this.#want === "up") return this.start();
    this.become("down");
  }

  #readControl(): void {
    const length = this.#host.kernel.read(this.#directory.controlFd, CONTROL_BUFFER);
    for (const byte of CONTROL_BUFFER.slice(0, Math.max(0, length))) {
      const letter = controlLetter(byte);
      if (letter !== undefined) this.handle(letter);
    }
  }

  #flushStatus(): void {
    if (this.#statusChanged) this.#writeStatus();
  }

  #writeStatus(): void {
    this.#statusChanged = false;
    const record = encodeStatus(this.#since, {
      pid: this.#pid,
      paused: this.#state === "paused",
      want: this.#want,
    });
    const complaint = this.#directory.writeStatus(record);
    if (complaint === undefined || this.#state === "ended") {
      return this.#cancelStatusRetry(complaint);
    }
    if (this.#statusRetry === undefined) this.#host.report(complaint);
    else this.#host.reactor.cancel(this.#statusRetry);
    this.#statusRetry = this.#host.reactor.after(STATUS_RETRY_MS, () => this.#writeStatus());
  }

  #cancelStatusRetry(complaint: Bytes | undefined): void {
    if (complaint !== undefined) this.#host.report(complaint);
    if (this.#statusRetry !== undefined) this.#host.reactor.cancel(this.#statusRetry);
    this.#statusRetry = undefined;
  }

  #letGo(): void {
    this.#cancelStatusRetry(undefined);
    this.#directory.close();
  }
}
