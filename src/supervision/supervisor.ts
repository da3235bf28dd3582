/**
 * One supervised service: carries out what the table of transitions asks for. Nothing blocks;
 * commands act as they arrive.
 *
 * Length: the actions are private, so that they are in one place with what they change.
 */

import type { Bytes } from "../base/bytes.ts";
import { ERRNO } from "../base/errno.ts";
import { isAskedFor } from "../base/history_lines.ts";
import { lookAtScript, missingInterpreter } from "../base/interpreter.ts";
import { createReporter, type Reporter } from "../base/messages.ts";
import { SIGNAL } from "../base/signals.ts";
import { errnoOf } from "../base/system_error.ts";
import type { Timestamp } from "../base/tai64n.ts";
import type { Timer, Urgency } from "../reactor/reactor.ts";
import { adoptLeft, ageMs, followProcess, MS_PER_TICK, startTime } from "./adopted_process.ts";
import { keepChild } from "./child_process.ts";
import type { ControlLetter } from "./control.ts";
import { ControlReader } from "./control_reader.ts";
import { DirectoryCheck } from "./directory_check.ts";
import { Finish } from "./finish.ts";
import type { HandedDirectory } from "./handover.ts";
import { HistoryWriter } from "./history_writer.ts";
import type { SupervisionHost } from "./host.ts";
import { KillTimer } from "./kill_timer.ts";
import { restoreSchedule } from "./left_schedule.ts";
import { MainProcess } from "./main_process.ts";
import { type Asker, Observers, type Snapshot } from "./observer.ts";
import type { ProcessRecord } from "./process_record.ts";
import { ProcessRecorder } from "./process_recorder.ts";
import { Readiness } from "./readiness/readiness.ts";
import { RestartPolicy } from "./restart_policy.ts";
import { startRun } from "./run.ts";
import { ServiceDirectory } from "./service_directory.ts";
import type { OnProcessEnd } from "./service_process.ts";
import type { Want } from "../base/status_record.ts";
import type { ProcessFacts } from "../system/kernel.ts";
import type { ServicePlace } from "./service_place.ts";
import { Settings } from "./settings.ts";
import { StartSchedule } from "./start_schedule.ts";
import { StatusWriter } from "./status_writer.ts";
import { type Action, type Event, type State, TRANSITIONS } from "./transitions.ts";

const FORK_RETRY_MS = 60_000;
/** So long a service that hangs may take to end, where nothing else is said. */
const HANGING_KILL_MS = 5000;
/** Who has run for less, in milliseconds, is started again when nothing else is to be done. */
const SHORT_RUN_MS = 10_000;
/** Events that are meant to end the process. */
const MEANT_TO_END: Partial<Record<Event, Asker>> = {
  d: "d",
  i: "i",
  k: "k",
  t: "t",
  stop: "stop",
};

/** Supervises one service. */
export class Supervisor {
  readonly #host: SupervisionHost;
  readonly #reporter: Reporter;
  readonly #place: ServicePlace;
  readonly #directory: ServiceDirectory;
  readonly #control: ControlReader;
  readonly #check: DirectoryCheck;
  readonly #settings: Settings;
  readonly #schedule = new StartSchedule();
  readonly #recorder: ProcessRecorder;
  readonly #history: HistoryWriter;
  readonly #observers: Observers;
  readonly #onEnd: () => void;
  #state: State = "down";
  #want: Want;
  #leaving = false;
  readonly #process: MainProcess;
  #since: Timestamp;
  #deadline: Timer | undefined;
  readonly #policy: RestartPolicy;
  readonly #killTimer: KillTimer;
  readonly #finish: Finish;
  readonly #readiness: Readiness;
  /** How the last process ended. */
  #waitStatus: number | undefined;
  /** Who asked the process to end. */
  #askedBy: Asker | undefined;
  /** The letter that asked for the start that is due. */
  #startedBy: "u" | "o" | undefined;
  #hasChanged = true;
  #stdoutFd: number | undefined;
  /** Whether signals reach the whole process group (`+`). */
  #toGroup = false;
  #isRemoved = false;
  /** Whether the process is a log host that ends because it belongs to no svscan any more. */
  #isMoving = false;
  /** Whether the next process is to be paused, as the one before it was. */
  #pausesNext = false;

  /**
   * Takes a service directory under supervision. It goes on with what a supervisor that was killed
   * has left; else it starts the service, unless it has a `down` file.
   *
   * @param onEnd called when supervision has ended and the directory is let go
   * @throws {ProgramEnd} when the directory cannot be taken; nothing was started
   */
  constructor(host: SupervisionHost, place: ServicePlace, onEnd: () => void) {
    this.#host = host;
    this.#reporter = createReporter("supervise", host.report);
    this.#place = place;
    this.#onEnd = onEnd;
    this.#stdoutFd = place.stdoutFd;
    this.#directory = new ServiceDirectory(host.kernel, place);
    const reporter = this.#reporter;
    this.#control = new ControlReader(
      host,
      this.#directory,
      (letters) => this.#whenReady(() => this.#obey(letters), "now"),
    );
    this.#check = new DirectoryCheck(host, this.#directory, this.#control, reporter);
    this.#settings = new Settings(host.kernel, this.#directory, reporter);
    this.#policy = new RestartPolicy(place.name, this.#settings, this.#schedule, reporter);
    this.#process = new MainProcess({
      hear: () => this.#readiness.hear(),
      endEarlier: () => this.#endEarlier(),
      onEnd: (waitStatus) => this.#died(waitStatus),
    });
    this.#killTimer = new KillTimer(host.reactor, reporter, () => this.#send(SIGNAL.KILL));
    const service = { settings: this.#settings, reporter };
    const onFinished = (waitStatus: number | undefined) => this.#finished(waitStatus);
    this.#finish = new Finish(host, this.#directory, service, onFinished);
    this.#recorder = new ProcessRecorder(this.#directory, host.kernel, reporter);
    const statusWriter = new StatusWriter(this.#directory, host, reporter);
    this.#history = new HistoryWriter(this.#directory, host.kernel, reporter);
    this.#readiness = new Readiness(host, this.#directory, service, {
      tell: (happening) => this.#observers.happened(happening),
      hang: () => this.#endHanging(),
      follow: (facts) => this.#follow(facts),
      extendTimeout: (timeoutMs) => this.#killTimer.extend(timeoutMs),
    });
    const notificationFd = place.handed?.notificationFd;
    if (notificationFd !== undefined) this.#readiness.goOnWith(notificationFd);
    this.#observers = new Observers(this.#recorder, statusWriter, this.#history, this.#readiness);
    this.#since = host.kernel.now();
    this.#want = this.#directory.startsDown ? "down" : "up";
    try {
      const left = this.#recorder.read();
      if (left !== undefined) this.#goOnWith(left);
      this.#tellObservers();
      this.#directory.announce();
      this.#control.begin();
    } catch (error) {
      // The end of a process that was taken over means nothing any more.
      this.#state = "ended";
      this.#letGo();
      throw error;
    }
    const startInMs = place.handed?.startInMs;
    if (startInMs !== undefined) this.#startAfter(startInMs);
    else if (this.#want === "up" && this.#state === "down" && (place.mayStart?.() ?? true)) {
      this.#start();
    }
    if (this.#hasChanged) this.#tellObservers();
  }

  /** What is so. */
  get state(): State {
    return this.#state;
  }

  /** What is wanted. */
  get want(): Want {
    return this.#want;
  }

  /** Process id of the service; 0 when there is none. */
  get pid(): number {
    return this.#process.pid;
  }

  /** How messages name the service. */
  get name(): Bytes {
    return this.#directory.name;
  }

  /** How many descriptors supervision holds open. */
  get descriptorCount(): number {
    const forFinish = this.#finish.isAdopted ? 1 : 0;
    return this.#directory.descriptorCount + this.#process.descriptorCount + forFinish +
      this.#readiness.descriptorCount;
  }

  /** What is open and due, for a successor in this process. */
  handOver(): HandedDirectory | undefined {
    const open = this.#directory.handOver();
    const nowMs = this.#host.reactor.nowMs();
    const startInMs = this.#deadline && Math.max(0, this.#deadline.dueMs - nowMs);
    const killInMs = this.#killTimer.restMs;
    const notificationFd = this.#readiness.pipeFd;
    const { earlierPids } = this.#process;
    const schedule = this.#schedule.save(nowMs);
    const due = { startInMs, killInMs, askedBy: this.#askedBy, schedule };
    return open && { ...open, notificationFd, earlierPids, ...due };
  }

  /** Connects standard output of `./run` elsewhere, from its next start on. */
  connectStdout(fd: number): void {
    this.#stdoutFd = fd;
  }

  /**
   * Looks whether the directory, or what supervision keeps in it, was removed. To be called
   * every few seconds. What is missing is made again. A removed directory is let go with its
   * process, which nothing could start again.
   */
  checkDirectory(): void {
    if (this.#state === "ended") return;
    const finding = this.#check.look();
    if (finding === "removed") this.#directoryRemoved();
    else if (finding === "remade") this.#tellObservers();
  }

  /** Calls `action` once the files of the directory can be looked at without waiting. */
  whenReached(action: () => void): void {
    const { fd, device } = this.#directory.lockFile;
    this.#host.storage.whenReached({ at: fd, path: "", group: `device ${device}` }, action);
  }

  /** Whether `./run` could not be executed when it was tried last. */
  get isFailing(): boolean {
    return this.#schedule.isFailing;
  }

  /** Told that `./run` has come or changed: one that could not be executed is tried at once. */
  runChanged(): void {
    if (this.#state !== "waiting" || !this.isFailing) return;
    this.#schedule.forgetFailures();
    this.handle("due");
  }

  /** Whether the directory was removed, and supervision ends with the process. */
  get isRemoved(): boolean {
    return this.#isRemoved;
  }

  /**
   * Lets an event have its effect, and tells the observers. Where the storage of the directory
   * hangs, that happens when it answers again.
   */
  handle(event: Event): void {
    // Who dies again and again must not hold up others.
    this.#whenReady(() => this.#handleNow(event), event === "due" ? "later" : "soon");
  }

  /**
   * Does what touches files of the service when its storage answers: what is as urgent, in order.
   */
  #whenReady(action: () => void, urgency: Urgency = "soon"): void {
    if (this.#state === "ended") return;
    const { storage } = this.#host;
    const { fd, device, lockFile } = this.#directory;
    const act = () => storage.whenReady(lockFile, action, urgency);
    if (device === lockFile.device) act();
    else storage.whenReached({ at: fd, path: "", group: `device ${device}` }, act);
  }

  #handleNow(event: Event): void {
    this.#act(event);
    if (this.#state !== "ended" && this.#hasChanged) this.#tellObservers();
  }

  /**
   * What the table of transitions asks for. Nothing else calls these. One table for all: thousands
   * of supervisors with one each would be much that the runtime has to look through for garbage.
   */
  static readonly #ACTIONS: { readonly [A in Action]: (it: Supervisor) => void } = {
    nothing: () => {},
    wantUp: (it) => it.#keepUp("up"),
    wantOnce: (it) => it.#keepUp("once"),
    wantDown: (it) => it.#setWant("down"),
    startUp: (it) => {
      it.#setWant("up");
      it.#startSoon("u");
    },
    startOnce: (it) => {
      it.#setWant("once");
      it.#startSoon("o");
    },
    start: (it) => it.#start(),
    cancelStart: (it) => {
      it.#setWant("down");
      it.#become("down");
    },
    takeDown: (it) => it.#takeDown(),
    pause: (it) => {
      it.#become("paused");
      it.#recorder.changed(it.#snapshot());
      it.#send(SIGNAL.STOP);
    },
    resume: (it) => {
      it.#send(SIGNAL.CONT);
      it.#become("up");
    },
    hangUp: (it) => it.#send(SIGNAL.HUP),
    alarm: (it) => it.#send(SIGNAL.ALRM),
    interrupt: (it) => it.#send(SIGNAL.INT),
    terminate: (it) => it.#send(SIGNAL.TERM),
    kill: (it) => it.#send(SIGNAL.KILL),
    quit: (it) => it.#send(SIGNAL.QUIT),
    user1: (it) => it.#send(SIGNAL.USR1),
    user2: (it) => it.#send(SIGNAL.USR2),
    windowChange: (it) => it.#send(SIGNAL.WINCH),
    addressGroup: (it) => it.#toGroup = true,
    addressProcess: (it) => it.#toGroup = false,
    processEnded: (it) => it.#processEnded(),
    leave: (it) => it.#leave(),
    leaveAndTakeDown: (it) => {
      it.#leave();
      it.#takeDown();
    },
    finishEnded: (it) => it.#decideAfterEnd(),
    killFinish: (it) => it.#finish.kill(),
    leaveAndWantDown: (it) => {
      it.#setWant("down");
      it.#leave();
    },
    endSupervision: (it) => it.#endSupervision(),
  };

  #died(waitStatus: number | undefined): void {
    const ranMs = this.#host.reactor.nowMs() - this.#schedule.lastStartMs;
    this.#whenReady(() => {
      this.#waitStatus = waitStatus;
      this.#handleNow("died");
    }, ranMs < SHORT_RUN_MS ? "later" : "soon");
  }

  #act(event: Event): void {
    if (event === "c" || event === "d") this.#pausesNext = false;
    this.#askedBy = MEANT_TO_END[event] ?? this.#askedBy;
    Supervisor.#ACTIONS[TRANSITIONS[this.#state][event]](this);
  }

  #become(state: State): void {
    if (this.#deadline !== undefined) this.#host.reactor.cancel(this.#deadline);
    this.#deadline = undefined;
    this.#state = state;
    this.#hasChanged = true;
  }

  /** Wants what runs to go on, also when it was asked to end before. */
  #keepUp(want: Want): void {
    this.#killTimer.cancel();
    this.#setWant(want);
  }

  #setWant(want: Want): void {
    this.#want = want;
    this.#hasChanged = true;
  }

  #send(signal: number): void {
    try {
      this.#process.signal(signal, this.#toGroup);
    } catch (error) {
      this.#reporter.warning(["unable to signal ", this.name, "/run"], error);
    }
  }

  /** Ends a service whose watchdog was not fed: with a core to look at, and at last by force. */
  #endHanging(): void {
    this.#askedBy = "watchdog";
    this.#reporter.warning([this.name, `/run (pid ${this.pid}) hangs: it is ended`]);
    this.#send(SIGNAL.ABRT);
    this.#send(SIGNAL.CONT);
    const timeoutMs = this.#settings.timeoutKillMs ?? HANGING_KILL_MS;
    this.#killTimer.begin(timeoutMs, [this.name, `/run (pid ${this.pid})`]);
  }

  /**
   * The service has named another process as itself.
   *
   * @returns whether that runs and is followed
   * @throws {SystemError} when it cannot be watched
   */
  #follow(facts: ProcessFacts): boolean {
    const host = this.#host;
    if (!this.#process.replace((onEnd) => followProcess(host, facts, onEnd))) return false;
    this.#since = startTime(host.kernel, facts);
    this.#observers.happened({ event: "main", pid: facts.pid });
    this.#tellObservers();
    return true;
  }

  /** The service has ended, but a process that it began with has not. */
  #endEarlier(): void {
    this.#whenReady(() => {
      this.#readiness.close();
      this.#tellObservers();
      this.#send(this.#settings.downSignal);
      this.#send(SIGNAL.CONT);
      const timeoutMs = this.#settings.timeoutKillMs ?? HANGING_KILL_MS;
      this.#killTimer.begin(timeoutMs, [this.name, `/run (pid ${this.pid})`]);
    });
  }

  #leave(): void {
    this.#leaving = true;
    this.#recorder.changed(this.#snapshot());
  }

  #takeDown(): void {
    this.#setWant("down");
    this.#become("up");
    // Noted first: who is killed in between must not leave a service that is ended and wanted.
    this.#recorder.changed(this.#snapshot());
    this.#send(this.#settings.downSignal);
    this.#send(SIGNAL.CONT);
    this.#killLater();
  }

  #killLater(restMs?: number): void {
    const timeoutMs = this.#settings.timeoutKillMs ?? this.#place.timeoutKillMs;
    this.#killTimer.begin(timeoutMs, [this.name, `/run (pid ${this.pid})`], restMs);
  }

  /** Restores the state in which a supervisor that was killed has left the service. */
  #goOnWith(left: ProcessRecord): void {
    const nowMs = this.#host.reactor.nowMs();
    const { handed } = this.#place;
    const lastStartMs = nowMs - ageMs(this.#host.kernel, left);
    if (handed !== undefined) this.#schedule.restore(handed.schedule, nowMs);
    else {
      const bootMs = nowMs - MS_PER_TICK * this.#host.kernel.bootTicks();
      const times = { nowMs, lastStartMs, bootMs };
      restoreSchedule(this.#schedule, this.#settings, () => this.#history.read(), times);
    }
    this.#schedule.tried(lastStartMs);
    const isFinishing = left.phase === "finishing";
    const adopt = (onEnd: OnProcessEnd) => adoptLeft(this.#host, this.#directory, left, onEnd);
    const finish = isFinishing ? adopt(this.#finish.onEnd) : undefined;
    const isThere = finish !== undefined || (!isFinishing && this.#process.begin(adopt));
    // Supervision was to end with the process: this is a new one.
    if (!isThere && left.leaving) return;
    this.#want = left.want;
    this.#leaving = left.leaving;
    if (left.phase === "none" || isThere) this.#since = left.since;
    if (!isThere) {
      this.#pausesNext = left.paused && left.phase !== "running";
      if (left.phase === "running" && left.want === "up") this.#diedMeanwhile(nowMs);
      return;
    }
    if (finish !== undefined) {
      this.#finish.goOnWith(finish, nowMs - lastStartMs);
      this.#state = "finishing";
      return;
    }
    for (const pid of handed?.earlierPids ?? []) {
      this.#process.keepEarlier((onEnd) => keepChild(this.#host, pid, onEnd));
    }
    this.#observers.happened({ event: "adopted", pid: this.pid });
    this.#state = left.paused ? "paused" : "up";
    this.#isMoving = left.phase === "hosted";
    if (this.#isMoving) this.#endLeftHost();
    this.#askedBy = handed?.askedBy;
    if (left.want === "down") this.#killLater(handed?.killInMs);
  }

  /** A death that nobody has seen is one more; how long the service ran is told by no one. */
  #diedMeanwhile(nowMs: number): void {
    const { longestPauseMs, restartLimit } = this.#settings;
    this.#schedule.died(nowMs, longestPauseMs);
    if (restartLimit !== undefined) this.#schedule.mayRestart(nowMs, restartLimit);
  }

  /**
   * A log host without a svscan cannot be told what to do with one of its streams. When it is told
   * to end, it writes the lines that it has read. It ends for all: a service whose pipe nobody else
   * holds by then is ended by SIGPIPE.
   */
  #endLeftHost(): void {
    const end = () => {
      if (this.#isMoving) this.#process.signal(SIGNAL.TERM, false);
    };
    if (this.#place.onLeftStream === undefined) end();
    else this.#place.onLeftStream(this.#directory.fd, end);
  }

  #startSoon(by: "u" | "o"): void {
    this.#startedBy = by;
    this.#schedule.allowStart();
    this.#start();
  }

  /** Starts `./run`, or sets the deadline for it. */
  #start(): void {
    const nowMs = this.#host.reactor.nowMs();
    const restMs = this.#schedule.restMs(nowMs);
    if (restMs > 0) return this.#startAfter(restMs);
    this.#schedule.tried(nowMs);
    try {
      // A start that is going to fail costs a hundred times as much as a look.
      if (this.#schedule.isFailing) lookAtScript(this.#host.kernel, this.#directory.fd, "run");
      const soon = { ...this.#snapshot(), since: this.#host.kernel.now() };
      this.#recorder.aboutToStart(soon, this.#place.stdinFd ?? this.#stdoutFd);
      const { fd: directoryFd } = this.#directory;
      const stdoutFd = this.#stdoutFd;
      const additions = this.#readiness.prepare();
      const descriptors = { directoryFd, stdoutFd, additions };
      this.#process.begin((onEnd) => startRun(this.#host, this.#place, descriptors, onEnd));
      this.#schedule.succeeded();
      this.#askedBy = undefined;
      this.#waitStatus = undefined;
      this.#since = this.#host.kernel.now();
      this.#observers.happened({ event: "start", pid: this.pid, by: this.#startedBy });
      this.#startedBy = undefined;
      this.#become("up");
      if (this.#pausesNext) this.#act("p");
      this.#pausesNext = false;
    } catch (error) {
      this.#startFailed(error);
    }
  }

  #directoryRemoved(): void {
    if (this.#isRemoved) return;
    this.#isRemoved = true;
    const what = this.#process.isThere
      ? ` was removed while its service runs (pid ${this.pid}): supervision ends with that`
      : " was removed: its supervision ends";
    this.#reporter.warning([this.name, what]);
    this.#handleNow("x");
  }

  #startAfter(delayMs: number): void {
    this.#become("waiting");
    this.#deadline = this.#host.reactor.after(delayMs, () => this.handle("due"));
  }

  #startFailed(caught: unknown): void {
    const errno = errnoOf(caught);
    if (errno === ERRNO.EAGAIN || errno === ERRNO.ENOMEM) {
      const parts = ["unable to fork for ", this.name, ", sleeping 60 seconds"];
      this.#reporter.warning(parts, caught);
      return this.#startAfter(FORK_RETRY_MS);
    }
    if (errno === ERRNO.ENOENT && this.#directory.isRemoved()) {
      this.#process.clear();
      this.#become("down");
      return this.#directoryRemoved();
    }
    if (!this.#schedule.isFailing) this.#observers.happened({ event: "failed", reason: "no-run" });
    this.#schedule.failed();
    const reason = missingInterpreter(this.#host.kernel, this.#directory.fd, "run", errno);
    this.#reporter.fatal(["unable to start ", this.name, "/run", reason], caught);
    this.#since = this.#host.kernel.now();
    this.#decideAfterEnd();
  }

  /** The log host that a killed svscan has left has ended: the stream goes on in one of ours. */
  #moveStream(wasPaused: boolean): void {
    this.#pausesNext = wasPaused;
    this.#start();
  }

  #processEnded(): void {
    this.#killTimer.cancel();
    const [isMoving, wasPaused] = [this.#isMoving, this.#state === "paused"];
    this.#isMoving = false;
    const nowMs = this.#host.reactor.nowMs();
    const ranMs = nowMs - this.#schedule.lastStartMs;
    const [pid, waitStatus, by] = [this.#process.mainPid, this.#waitStatus, this.#askedBy];
    const asker = by ?? (isMoving ? "takeover" : undefined);
    this.#observers.happened({ event: "exit", pid, waitStatus, ranMs, by: asker });
    this.#process.clear();
    this.#since = this.#host.kernel.now();
    if (isMoving && this.#want !== "down" && !this.#leaving) return this.#moveStream(wasPaused);
    if (!isAskedFor(by)) this.#schedule.died(nowMs, this.#settings.longestPauseMs);
    const descriptors = { stdinFd: this.#place.stdinFd, stdoutFd: this.#stdoutFd };
    if (!this.#finish.start({ pid, waitStatus }, descriptors)) return this.#decideAfterEnd();
    this.#observers.happened({ event: "finish", pid: this.#finish.pid });
    this.#become("finishing");
  }

  #finished(waitStatus: number | undefined): void {
    this.#whenReady(() => {
      this.#observers.happened({ event: "finished", waitStatus });
      this.#handleNow("finished");
    });
  }

  #decideAfterEnd(): void {
    if (this.#leaving || this.#place.isOver?.()) return this.#endSupervision();
    if (this.#want === "down") return this.#become("down");
    if (this.#want === "once") return this.#endForGood();
    const nowMs = this.#host.reactor.nowMs();
    const wasAskedFor = isAskedFor(this.#askedBy);
    const reason = this.#policy.reasonToStayDown(this.#waitStatus, wasAskedFor, nowMs);
    if (reason !== undefined) {
      this.#observers.happened({ event: "failed", reason });
      this.#setWant("down");
      return this.#endForGood();
    }
    const { pauseMs } = this.#schedule;
    if (pauseMs !== undefined) this.#observers.happened({ event: "wait", pauseMs });
    this.#start();
  }

  #endForGood(): void {
    this.#become("down");
    const { onEssentialEnd } = this.#place;
    if (onEssentialEnd !== undefined && this.#settings.isEssential) {
      onEssentialEnd(this.#waitStatus);
    }
  }

  #obey(letters: readonly ControlLetter[]): void {
    for (const letter of letters) this.#act(letter);
    if (this.#state !== "ended" && this.#hasChanged) this.#tellObservers();
  }

  #tellObservers(): void {
    this.#hasChanged = false;
    this.#observers.changed(this.#snapshot());
  }

  #snapshot(): Snapshot {
    const { state, want, pid } = this;
    const isHosted = this.#process.kind === "hosted" || this.#isMoving;
    const finishPid = this.#finish.pid;
    const isPaused = state === "paused" || this.#pausesNext;
    const [leaving, since] = [this.#leaving, this.#since];
    return { state, want, pid, isHosted, isPaused, finishPid, leaving, since };
  }

  #endSupervision(): void {
    this.#become("ended");
    // In a removed directory there is no place for a status.
    if (!this.#isRemoved) this.#tellObservers();
    this.#control.end();
    this.#letGo();
    this.#onEnd();
  }

  #letGo(): void {
    this.#killTimer.cancel();
    this.#finish.close();
    this.#observers.close();
    this.#directory.close();
  }
}
