/**
 * Log hosts: one process per account runs the log streams of all loggers that are plain scripts.
 * There is one more where logs are on several file systems, so that a file system that hangs stops
 * the logs that are on it, and no others.
 *
 * A host is started with the first stream of its kind, and let go with the last one. It gets a
 * stream's input and directory through a socket. When a host ends, all of its streams have ended;
 * their supervisors start them again, in another host.
 */

import { type Bytes, decode, encode } from "../base/bytes.ts";
import { ERRNO } from "../base/errno.ts";
import { CWD, RLIMIT } from "../base/kernel_constants.ts";
import {
  decodeReport,
  encodeCommand,
  type HostCommand,
  LONGEST_MESSAGE,
} from "../base/log_host_messages.ts";
import { createReporter } from "../base/messages.ts";
import { SIGNAL } from "../base/signals.ts";
import { errnoOf, ignoreSystemError } from "../base/system_error.ts";
import type { Timer } from "../reactor/reactor.ts";
import type { ReceivedMessage } from "../system/kernel.ts";
import type { SupervisionHost } from "./host.ts";
import type { OnProcessEnd, ServiceProcess } from "./service_process.ts";

/** What a host writes is a few bytes. */
const LONGEST_REPORT = 16;
/** Descriptors that a stream needs, and those that a host has beside its streams. */
const FDS_PER_STREAM = 8;
const FDS_PER_HOST = 64;
/** So long, in milliseconds, after the last pipe was given to be held all are held. */
const HOLD_MS = 60_000;
/** So long, in milliseconds, may a host take to end that was let go, and again after SIGTERM. */
const LEAVE_MS = 5000;
/** So long, in milliseconds, may a host take to end a log that is killed. */
const KILL_MS = 10_000;
/** Reports of one host in a row: one that never stops talking must not keep others waiting. */
const REPORTS_PER_TURN = 64;
/** The title that a host shows in lists of processes fits in here. */
const TITLE_SIZE = 60;

/** A logger that can be hosted, as its run script asks for it. */
export interface HostedLog {
  /** The path of our own executable. */
  readonly executable: Bytes;
  /** The account that it runs as; ours if absent. */
  readonly account: Bytes | undefined;
  /** The words of multilog's script. */
  readonly args: readonly Bytes[];
  /** Whether its messages go to standard output. */
  readonly joinsErrorToOutput: boolean;
  /** The mount points of the file systems that it writes to. */
  readonly mounts: readonly string[];
}

/** Where a stream reads and writes. */
export interface StreamPlace {
  /** The pipe that it reads. */
  readonly inputFd: number;
  /** The service directory of the logger. */
  readonly directoryFd: number;
}

/** All log hosts of this process. */
export class LogHosts {
  readonly #host: SupervisionHost;
  readonly #find: (directoryFd: number) => HostedLog | undefined;
  readonly #streamsPerHost: number;
  readonly #connections = new Set<Connection>();
  #nextId = 1;
  /** When pipes are let go. */
  #release: Timer | undefined;

  /**
   * Starts no host yet.
   *
   * @param find reads what the run script in a logger's directory asks for; undefined when it needs
   *   a process
   */
  constructor(host: SupervisionHost, find: (directoryFd: number) => HostedLog | undefined) {
    this.#host = host;
    this.#find = find;
    const { hard } = host.kernel.getLimit(RLIMIT.NOFILE);
    const fds = Number(hard < 2n ** 31n ? hard : 2n ** 31n);
    this.#streamsPerHost = Math.max(1, Math.floor((fds - FDS_PER_HOST) / FDS_PER_STREAM));
  }

  /** Whether no host runs any more. */
  get isIdle(): boolean {
    return this.#connections.size === 0;
  }

  /**
   * Starts a logger as a stream of a host.
   *
   * @param onEnd told of its end; never called before this returns
   * @returns the stream as a process; undefined when the logger needs a process of its own
   * @throws {SystemError} when no host can be started
   */
  start(place: StreamPlace, onEnd: OnProcessEnd): ServiceProcess | undefined {
    const { inputFd, directoryFd } = place;
    const log = this.#find(directoryFd);
    if (log === undefined) return undefined;
    const { args, joinsErrorToOutput } = log;
    const id = this.#nextId;
    const data = encodeCommand({ kind: "open", id, args, joinsErrorToOutput });
    if (data.length > LONGEST_MESSAGE) return undefined;
    const connection = this.#connectionFor(log);
    this.#nextId++;
    connection.open(id, { data, fds: [inputFd, directoryFd] }, onEnd);
    const { pid } = connection;
    return { pid, kind: "hosted", signal: (signal) => connection.signal(id, signal) };
  }

  /**
   * Lets a host hold the pipe of a logger that is going to be its stream: services can write to it
   * even if this process is killed.
   *
   * @throws {SystemError} when no host can be started
   */
  hold({ inputFd, directoryFd }: StreamPlace): void {
    const log = this.#find(directoryFd);
    if (log === undefined) return;
    this.#connectionFor(log).hold(inputFd);
    const { reactor } = this.#host;
    if (this.#release !== undefined) reactor.cancel(this.#release);
    this.#release = reactor.after(HOLD_MS, () => this.release());
  }

  /** Lets hosts let go of the pipes that they hold, and lets those go that have no stream. */
  release(): void {
    for (const connection of this.#connections) connection.release();
  }

  #connectionFor(log: HostedLog): Connection {
    const account = log.account === undefined ? "" : decode(log.account);
    const kind = [account, ...log.mounts].join("\0");
    for (const connection of this.#connections) {
      const fits = connection.kind === kind && connection.takesStreams &&
        connection.streamCount < this.#streamsPerHost;
      if (fits) return connection;
    }
    const connection = new Connection(
      this.#host,
      { executable: log.executable, account, kind },
      () => this.#connections.delete(connection),
    );
    this.#connections.add(connection);
    return connection;
  }
}

/** What is sent to a host: bytes, and descriptors that are others' to close. */
interface Message {
  /** Which stream it opens, if it opens one. */
  readonly opens?: number;
  readonly data: Bytes;
  readonly fds: readonly number[];
}

/** One host, and the socket that leads to it. */
class Connection {
  /** What all of its streams have in common. */
  readonly kind: string;
  readonly pid: number;
  readonly #host: SupervisionHost;
  readonly #socketFd: number;
  readonly #streams = new Map<number, OnProcessEnd>();
  /** What the socket had no room for, oldest first. */
  readonly #unsent: Message[] = [];
  #isOpen = true;
  #isLeaving = false;
  #hasEnded = false;
  /** When a host that was let go should have ended. */
  #overdue: Timer | undefined;

  /**
   * Starts a host.
   *
   * @param account its name; empty for ours
   * @param onHostEnd told when the process has ended, before the ends of its streams
   * @throws {SystemError} when it cannot be started
   */
  constructor(
    host: SupervisionHost,
    { executable, account, kind }: { executable: Bytes; account: string; kind: string },
    onHostEnd: () => void,
  ) {
    const { kernel, reactor } = host;
    const { ourFd, theirFd } = kernel.socketPair();
    this.kind = kind;
    this.#host = host;
    this.#socketFd = ourFd;
    try {
      const title = encode(" ".repeat(TITLE_SIZE));
      const argv = ["daemontools", "log-host", account].map(encode);
      this.pid = host.children.start({
        path: executable,
        argv: [...argv, title],
        environment: host.environment,
        directoryFd: CWD,
        stdinFd: theirFd,
      }, (waitStatus) => {
        this.#hasEnded = true;
        if (this.#overdue !== undefined) reactor.cancel(this.#overdue);
        this.#close();
        onHostEnd();
        this.#endStreams(waitStatus);
      });
      reactor.watch(ourFd, () => this.#receive());
    } catch (error) {
      kernel.close(ourFd);
      throw error;
    } finally {
      kernel.close(theirFd);
    }
  }

  /** Whether it takes streams. */
  get takesStreams(): boolean {
    return this.#isOpen && !this.#isLeaving;
  }

  get streamCount(): number {
    return this.#streams.size;
  }

  /** Hands a stream over. */
  open(id: number, message: Message, onEnd: OnProcessEnd): void {
    this.#streams.set(id, onEnd);
    this.#send({ ...message, opens: id });
  }

  /** Lets it hold a pipe. */
  hold(fd: number): void {
    this.#send({ data: encodeCommand({ kind: "hold" }), fds: [fd] });
  }

  /** Lets it let go of what it holds, and lets the host go if it has no stream. */
  release(): void {
    this.#send({ data: encodeCommand({ kind: "release" }), fds: [] });
    if (this.#streams.size === 0) this.#letGo();
  }

  /**
   * Sends a signal to a stream, if it has not ended. In a host that cannot be spoken with any more,
   * which was sent SIGTERM, SIGKILL is for all streams; also in one that does not heed it. SIGCONT
   * is for a host that was stopped, too.
   */
  signal(id: number, signal: number): void {
    if (!this.#streams.has(id)) return;
    if (!this.#isOpen) {
      if (signal === SIGNAL.KILL) this.#kill(signal);
      return;
    }
    const command: HostCommand = { kind: "signal", id, signal };
    this.#send({ data: encodeCommand(command), fds: [] });
    if (signal === SIGNAL.CONT) this.#kill(signal);
    if (signal === SIGNAL.KILL) this.#host.reactor.after(KILL_MS, () => this.#killUnless(id));
  }

  #send(message: Message): void {
    this.#unsent.push(message);
    this.#flush();
  }

  /** Sends as much as there is room for. When there is more, the host tells. */
  #flush(): void {
    while (this.#isOpen && this.#unsent.length > 0) {
      const { data, fds } = this.#unsent[0]!;
      try {
        this.#host.kernel.sendMessage(this.#socketFd, data, fds);
      } catch (error) {
        const errno = errnoOf(error);
        // A host that is gone is told of by its end; its streams end then.
        const expected: number[] = [ERRNO.EAGAIN, ERRNO.EPIPE, ERRNO.ECONNRESET];
        if (!expected.includes(errno)) this.#giveUp(error);
        return;
      }
      this.#unsent.shift();
    }
  }

  /** What is left is read on the next turn. */
  #receive(): void {
    for (let reports = 0; this.#isOpen && reports < REPORTS_PER_TURN; reports++) {
      const message = this.#receiveReport();
      if (message === null) return;
      // It has ended, or has no business to run on.
      if (message === undefined || message.data.length === 0) return this.#end();
      const report = message.isWhole ? decodeReport(message.data) : undefined;
      if (report?.kind === "next") this.#flush();
      else if (report?.kind === "leaving") this.#isLeaving = true;
      else if (report?.kind === "ended") this.#endStream(report.id, report.status);
    }
  }

  /** The next report; null when there is none, undefined when the host is gone. */
  #receiveReport(): ReceivedMessage | null | undefined {
    try {
      return this.#host.kernel.receiveMessage(this.#socketFd, LONGEST_REPORT, 0);
    } catch (error) {
      // It was killed with commands that it had not read.
      if (errnoOf(error) === ERRNO.ECONNRESET) return undefined;
      throw error;
    }
  }

  /**
   * A host can end its own streams and no others: an id that is not its own means nothing. What
   * waits to be sent for a stream must not be sent once its descriptors are closed, and may be
   * others'; a host that ends a stream before it has it is not honest.
   */
  #endStream(id: number, waitStatus: number): void {
    if (this.#unsent.some(({ opens }) => opens === id)) {
      const reporter = createReporter("svscan", this.#host.report);
      reporter.warning([`log host ${this.pid} tells of a log that it does not have: it must end`]);
      return this.#end();
    }
    const onEnd = this.#streams.get(id);
    this.#streams.delete(id);
    if (onEnd !== undefined && this.#streams.size === 0) this.release();
    onEnd?.(waitStatus);
  }

  #endStreams(waitStatus: number | undefined): void {
    const ended = [...this.#streams.values()];
    this.#streams.clear();
    for (const onEnd of ended) onEnd(waitStatus);
  }

  /** A host that cannot be spoken with must not go on with streams that nobody controls. */
  #giveUp(error: unknown): void {
    const reporter = createReporter("svscan", this.#host.report);
    reporter.warning([`unable to speak with the log host ${this.pid}`], error);
    this.#end();
  }

  /** Lets the host go: without streams it ends when it meets the end of its socket. */
  #letGo(): void {
    if (!this.#isOpen) return;
    this.#close();
    const { reactor, report } = this.#host;
    this.#overdue = reactor.after(LEAVE_MS, () => {
      this.#kill(SIGNAL.TERM);
      this.#overdue = reactor.after(LEAVE_MS, () => {
        createReporter("svscan", report)
          .warning([`log host ${this.pid} has no logs and does not end: it is killed`]);
        this.#kill(SIGNAL.KILL);
      });
    });
  }

  /** Ends a host that is not spoken with any more, whatever streams it has. */
  #end(): void {
    this.#close();
    this.#kill(SIGNAL.TERM);
  }

  /** Kills a host that has not ended a stream in time, whatever it hangs on. */
  #killUnless(endedId: number): void {
    if (!this.#streams.has(endedId)) return;
    createReporter("svscan", this.#host.report)
      .warning([`log host ${this.pid} does not end a log: it is killed`]);
    this.#kill(SIGNAL.KILL);
  }

  #kill(signal: number): void {
    if (this.#hasEnded) return;
    try {
      this.#host.kernel.kill(this.pid, signal);
    } catch (error) {
      ignoreSystemError(error);
    }
  }

  #close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#unsent.length = 0;
    this.#host.reactor.unwatch(this.#socketFd);
    this.#host.kernel.close(this.#socketFd);
  }
}
