/**
 * One log host: its process, the streams that it runs, and the pipes that it holds.
 *
 * A host has as many descriptors as the limit allows, so it has room for so many streams. What a
 * stream may need is known beforehand; where that was too little, the host says that it is full.
 */

import { type Bytes, encode } from "../base/bytes.ts";
import { EXIT_FAILURE } from "../base/exit_codes.ts";
import { CWD } from "../base/kernel_constants.ts";
import { encodeCommand, type HostReport } from "../base/log_host_messages.ts";
import { createReporter, type Reporter } from "../base/messages.ts";
import { SIGNAL } from "../base/signals.ts";
import { ignoreSystemError } from "../base/system_error.ts";
import type { Timer } from "../reactor/reactor.ts";
import type { SupervisionHost } from "./host.ts";
import { LogHostChannel, type Message } from "./log_host_channel.ts";
import type { OnProcessEnd } from "./service_process.ts";

/** So long, in milliseconds, may a host take to end that was let go, and again after SIGTERM. */
const LEAVE_MS = 5000;
/** So long, in milliseconds, may a host take to end a log that is killed. */
const KILL_MS = 10_000;
/** The title that a host shows in lists of processes fits in here. */
const TITLE_SIZE = 60;

/** What a host is started with. */
export interface LogHostPlan {
  /** The path of our own executable. */
  readonly executable: Bytes;
  /** The name of the account that it runs as; empty for ours. */
  readonly account: string;
  /** What all of its streams have in common. */
  readonly kind: string;
  /** How many descriptors its streams may have, and the pipes that it holds, all together. */
  readonly room: number;
}

/** A stream that was handed over. */
interface Stream {
  /** The most descriptors that it may have. */
  readonly descriptors: number;
  readonly onEnd: OnProcessEnd;
}

/** One host. */
export class LogHostProcess {
  /** What all of its streams have in common. */
  readonly kind: string;
  /** Its process id. */
  readonly pid: number;
  readonly #host: SupervisionHost;
  readonly #channel: LogHostChannel;
  readonly #streams = new Map<number, Stream>();
  #room: number;
  /** How much of the room is taken. */
  #taken = 0;
  /** How many pipes it holds. */
  #heldCount = 0;
  #isLeaving = false;
  #hasEnded = false;
  /** When a host that was let go should have ended. */
  #overdue: Timer | undefined;

  /**
   * Starts a host.
   *
   * @param onHostEnd told when the process has ended, before the ends of its streams
   * @throws {SystemError} when it cannot be started
   */
  constructor(host: SupervisionHost, plan: LogHostPlan, onHostEnd: () => void) {
    const { kernel, reactor } = host;
    const { ourFd, theirFd } = kernel.socketPair();
    this.#host = host;
    this.kind = plan.kind;
    this.#room = plan.room;
    try {
      this.#channel = new LogHostChannel(host, ourFd, {
        onReport: (report) => this.#note(report),
        onLoss: (error) => this.#giveUp(error),
      });
    } catch (error) {
      for (const fd of [ourFd, theirFd]) kernel.close(fd);
      throw error;
    }
    const title = encode(" ".repeat(TITLE_SIZE));
    const argv = ["daemontools", "log-host", plan.account].map(encode);
    try {
      this.pid = host.children.start({
        path: plan.executable,
        argv: [...argv, title],
        environment: host.environment,
        directoryFd: CWD,
        stdinFd: theirFd,
        isOurs: true,
      }, (waitStatus) => {
        this.#hasEnded = true;
        if (this.#overdue !== undefined) reactor.cancel(this.#overdue);
        this.#channel.close();
        onHostEnd();
        this.#endStreams(waitStatus);
      });
    } catch (error) {
      this.#channel.close();
      throw error;
    } finally {
      kernel.close(theirFd);
    }
  }

  /** Whether it takes a stream, or something else, with so many descriptors. */
  takes(descriptors: number): boolean {
    return this.#channel.isOpen && !this.#isLeaving && this.#taken + descriptors <= this.#room;
  }

  /**
   * Hands a stream over. It begins when this turn of the event loop is over: by then it is on record
   * which host it is in. A svscan that is killed meanwhile must neither leave a stream that its
   * successor does not find, nor a pipe that nobody reads.
   *
   * @param descriptors the most that it may have
   */
  open(id: number, message: Message, descriptors: number, onEnd: OnProcessEnd): void {
    this.#streams.set(id, { descriptors, onEnd });
    this.#taken += descriptors;
    this.#channel.send({ ...message, opens: id });
    this.#channel.sendLater({ data: encodeCommand({ kind: "begin", id }), fds: [] });
  }

  /** Lets it hold a pipe. */
  hold(fd: number): void {
    this.#heldCount++;
    this.#taken++;
    this.#channel.send({ data: encodeCommand({ kind: "hold" }), fds: [fd] });
  }

  /** Lets it let go of what it holds, and lets the host go if it has no stream. */
  release(): void {
    if (this.#heldCount > 0) {
      this.#channel.send({ data: encodeCommand({ kind: "release" }), fds: [] });
    }
    this.#taken -= this.#heldCount;
    this.#heldCount = 0;
    this.#letGoIfEmpty();
  }

  /**
   * Sends a signal to a stream, if it has not ended. In a host that cannot be spoken with any more,
   * which was sent SIGTERM, SIGKILL is for all streams; also in one that does not heed it. SIGCONT
   * is for a host that was stopped, too.
   */
  signal(id: number, signal: number): void {
    if (!this.#streams.has(id)) return;
    if (!this.#channel.isOpen) {
      if (signal === SIGNAL.KILL) this.#kill(signal);
      return;
    }
    this.#channel.send({ data: encodeCommand({ kind: "signal", id, signal }), fds: [] });
    if (signal === SIGNAL.CONT) this.#kill(signal);
    if (signal === SIGNAL.KILL) this.#host.reactor.after(KILL_MS, () => this.#killUnlessEnded(id));
  }

  #note(report: HostReport): void {
    if (report.kind === "leaving") this.#isLeaving = true;
    else if (report.kind === "ended") this.#endStream(report.id, report.status);
    else if (report.kind === "full") this.#notOpened(report.id);
  }

  /** What it has without the stream is all that it can have. */
  #notOpened(id: number): void {
    const { descriptors } = this.#streams.get(id) ?? { descriptors: 0 };
    this.#room = Math.min(this.#room, this.#taken - descriptors);
    this.#endStream(id, EXIT_FAILURE << 8);
  }

  /**
   * A host can end its own streams and no others: an id that is not its own means nothing. What
   * waits to be sent for a stream must not be sent once its descriptors are closed, and may be
   * others'; a host that ends a stream before it has it is not honest.
   */
  #endStream(id: number, waitStatus: number): void {
    if (this.#channel.isYetToOpen(id)) {
      this.#reporter.warning([
        `log host ${this.pid} tells of a log that it does not have: it must end`,
      ]);
      return this.#end();
    }
    const stream = this.#streams.get(id);
    if (stream === undefined) return;
    this.#streams.delete(id);
    this.#taken -= stream.descriptors;
    this.#letGoIfEmpty();
    stream.onEnd(waitStatus);
  }

  #endStreams(waitStatus: number | undefined): void {
    const ended = [...this.#streams.values()];
    this.#streams.clear();
    for (const { onEnd } of ended) onEnd(waitStatus);
  }

  /** A host that cannot be spoken with must not go on with streams that nobody controls. */
  #giveUp(error: unknown): void {
    if (error !== undefined) {
      this.#reporter.warning([`unable to speak with the log host ${this.pid}`], error);
    }
    this.#end();
  }

  /** Without streams and pipes it ends when it meets the end of its socket. */
  #letGoIfEmpty(): void {
    if (this.#streams.size > 0 || this.#heldCount > 0 || !this.#channel.isOpen) return;
    this.#channel.close();
    const { reactor } = this.#host;
    this.#overdue = reactor.after(LEAVE_MS, () => {
      this.#kill(SIGNAL.TERM);
      this.#overdue = reactor.after(LEAVE_MS, () => {
        this.#reporter.warning([
          `log host ${this.pid} has no logs and does not end: it is killed`,
        ]);
        this.#kill(SIGNAL.KILL);
      });
    });
  }

  /** Ends a host that is not spoken with any more, whatever streams it has. */
  #end(): void {
    this.#channel.close();
    this.#kill(SIGNAL.TERM);
  }

  /** Kills a host that has not ended a stream in time, whatever it hangs on. */
  #killUnlessEnded(id: number): void {
    if (!this.#streams.has(id)) return;
    this.#reporter.warning([`log host ${this.pid} does not end a log: it is killed`]);
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

  get #reporter(): Reporter {
    return createReporter("svscan", this.#host.report);
  }
}
