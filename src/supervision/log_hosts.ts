/**
 * Log hosts: one process per account runs the log streams of all loggers that are plain scripts.
 * There is one more where logs are on several file systems, so that a file system that hangs stops
 * the logs that are on it, and no others; and where one has no room for all of them, as each has
 * only so many descriptors.
 *
 * A host is started with the first stream of its kind, and let go with the last one. It gets a
 * stream's input and directory through a socket. When a host ends, all of its streams have ended;
 * their supervisors start them again, in another host.
 */

import { type Bytes, decode } from "../base/bytes.ts";
import { ERRNO } from "../base/errno.ts";
import { RLIMIT } from "../base/kernel_constants.ts";
import { encodeCommand, LONGEST_MESSAGE } from "../base/log_host_messages.ts";
import { errnoOf } from "../base/system_error.ts";
import type { Timer } from "../reactor/reactor.ts";
import type { SupervisionHost } from "./host.ts";
import { LogHostProcess } from "./log_host_process.ts";
import type { OnProcessEnd, ServiceProcess } from "./service_process.ts";

/**
 * Descriptors that a host has beside its streams: 18 at rest, and some that are open for a moment
 * or were svscan's when it was started.
 */
const OWN_DESCRIPTORS = 28;
/** So long, in milliseconds, after the last pipe was given to be held all are held. */
const HOLD_MS = 60_000;

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
  /** The most descriptors that it may have. */
  readonly descriptors: number;
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
  /** How many descriptors the streams of one host may have. */
  readonly #room: number;
  readonly #processes = new Set<LogHostProcess>();
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
    this.#room = Number(hard) - OWN_DESCRIPTORS;
  }

  /** Whether no host runs any more. */
  get isIdle(): boolean {
    return this.#processes.size === 0;
  }

  /**
   * Starts a logger as a stream of a host.
   *
   * @param onEnd told of its end; never called before this returns
   * @returns the stream as a process; undefined when the logger needs a process of its own, also
   *   where descriptors are so few that no host can be had: its own process takes none of ours
   * @throws {SystemError} when no host can be started for another reason
   */
  start(place: StreamPlace, onEnd: OnProcessEnd): ServiceProcess | undefined {
    const { inputFd, directoryFd } = place;
    const log = this.#find(directoryFd);
    if (log === undefined) return undefined;
    const { args, joinsErrorToOutput, descriptors } = log;
    const id = this.#nextId;
    const data = encodeCommand({ kind: "open", id, args, joinsErrorToOutput });
    if (data.length > LONGEST_MESSAGE) return undefined;
    const process = this.#processIfPossible(log, descriptors);
    if (process === undefined) return undefined;
    this.#nextId++;
    process.open(id, { data, fds: [inputFd, directoryFd] }, descriptors, onEnd);
    const { pid } = process;
    return { pid, kind: "hosted", signal: (signal) => process.signal(id, signal) };
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
    this.#processFor(log, 1).hold(inputFd);
    const { reactor } = this.#host;
    if (this.#release !== undefined) reactor.cancel(this.#release);
    this.#release = reactor.after(HOLD_MS, () => this.release());
  }

  /** Lets hosts let go of the pipes that they hold, and lets those go that have no stream. */
  release(): void {
    for (const process of this.#processes) process.release();
  }

  #processIfPossible(log: HostedLog, descriptors: number): LogHostProcess | undefined {
    try {
      return this.#processFor(log, descriptors);
    } catch (error) {
      if (errnoOf(error) === ERRNO.EMFILE) return undefined;
      throw error;
    }
  }

  /** A host with room for so many descriptors more, or a new one, which gets what it may not have. */
  #processFor(log: HostedLog, descriptors: number): LogHostProcess {
    const account = log.account === undefined ? "" : decode(log.account);
    const kind = [account, ...log.mounts].join("\0");
    for (const process of this.#processes) {
      if (process.kind === kind && process.takes(descriptors)) return process;
    }
    const process = new LogHostProcess(
      this.#host,
      { executable: log.executable, account, kind, room: this.#room },
      () => this.#processes.delete(process),
    );
    this.#processes.add(process);
    return process;
  }
}
