/**
 * A log host: many log streams in one process, as svscan asks for them through a socket.
 *
 * When the socket ends, because svscan let the host go or is gone itself, the streams go on until
 * their inputs end. The host is over when there is neither a socket nor a stream.
 *
 * A svscan that takes over from one that was killed has the pipes held here before the host ends
 * that reads them. If it is killed, too, before their streams are open here, the services still
 * have somebody to write to until the next one comes.
 */

import type { Bytes } from "../base/bytes.ts";
import { ERRNO } from "../base/errno.ts";
import { EXIT_FAILURE } from "../base/exit_codes.ts";
import {
  decodeCommand,
  encodeReport,
  type HostCommand,
  type HostReport,
  LONGEST_MESSAGE,
  STREAM_FDS,
} from "../base/log_host_messages.ts";
import { ProgramEnd, type Reporter } from "../base/messages.ts";
import { SIGNAL } from "../base/signals.ts";
import { errnoOf, SystemError } from "../base/system_error.ts";
import type { Reactor } from "../reactor/reactor.ts";
import type { Kernel, ReceivedMessage } from "../system/kernel.ts";

/** svscan reads whenever it can; when the socket is full all the same, this is waited. */
const RETRY_MS = 20;

/** So long are pipes held when svscan is gone. By then the next one has come, or none comes. */
const HOLD_MS = 10_000;

/** A log stream, as far as a host has to do with it. */
export interface HostedStream {
  /** Logs until its input ends or it is told to stop; resolves to 0, or to an error number. */
  run(): Promise<number>;
  /** Asks for the end: what was read is written, up to the next end of a line. */
  stop(): void;
  /** Asks for new files. */
  rotate(): void;
  /** Reads nothing until {@linkcode resume}. */
  pause(): void;
  /** Goes on reading. */
  resume(): void;
  /** Ends at once; what is not written is lost. */
  abandon(): void;
}

/** What a stream is opened with. */
export interface StreamOrder {
  /** The words of multilog's script. */
  readonly args: readonly Bytes[];
  /** Whether its messages go to standard output. */
  readonly joinsErrorToOutput: boolean;
  /** What it reads. */
  readonly inputFd: number;
  /** The directory that its paths are relative to. */
  readonly directoryFd: number;
}

/** What a host works with. */
export interface LogHostParts {
  /** The operating system. */
  readonly kernel: Pick<Kernel, "receiveMessage" | "sendMessage" | "close">;
  /** The event loop. */
  readonly reactor: Reactor;
  /** Who speaks when something is wrong with the socket. */
  readonly reporter: Reporter;
  /**
   * Opens a stream.
   *
   * @throws {ProgramEnd} when what its script names cannot be had
   */
  readonly open: (order: StreamOrder) => Promise<HostedStream>;
  /** Tells of an error that nobody expects where it came up. */
  readonly describeBug: (error: unknown) => Promise<string>;
  /** Prints a line of a stream that could not be opened. */
  readonly print: (order: StreamOrder, line: Bytes) => void;
}

/** What is known of a stream. */
interface Entry {
  /** What it is to do, until it begins. */
  order: StreamOrder | undefined;
  /** The stream, once it is open. */
  stream: HostedStream | undefined;
  /** Signals that came before that. */
  readonly earlySignals: number[];
  /** Whether it was ended by SIGKILL. */
  isKilled: boolean;
}

/** Runs streams. */
export class LogHost {
  readonly #parts: LogHostParts;
  readonly #socketFd: number;
  readonly #entries = new Map<number, Entry>();
  readonly #onCountChange: (count: number) => void;
  /** What the socket had no room for, oldest first. */
  readonly #unsent: Bytes[] = [];
  /** Pipes whose streams are still to come. */
  readonly #held = new Set<number>();
  #isConnected = true;
  #isLeaving = false;

  /**
   * Begins to listen.
   *
   * @param socketFd leads to svscan
   * @param onCountChange told how many streams there are, whenever that changes
   */
  constructor(parts: LogHostParts, socketFd: number, onCountChange: (count: number) => void) {
    this.#parts = parts;
    this.#socketFd = socketFd;
    this.#onCountChange = onCountChange;
    parts.reactor.watch(socketFd, () => this.#receive());
  }

  /** Whether there is nothing left to do. */
  get isOver(): boolean {
    if (this.#entries.size > 0 || this.#held.size > 0) return false;
    return !this.#isConnected || this.#isLeaving;
  }

  /** Ends all streams in order, and takes no more. */
  leave(): void {
    if (this.#isLeaving) return;
    this.#isLeaving = true;
    this.#release();
    this.#send({ kind: "leaving" });
    for (const entry of this.#entries.values()) {
      this.#signal(entry, SIGNAL.TERM);
      // A paused one would keep the host, and with it all who wait for its end.
      this.#signal(entry, SIGNAL.CONT);
    }
  }

  #receive(): void {
    const { kernel, reactor } = this.#parts;
    // Who speaks to us waits for the answer, and has often more to say.
    reactor.hurry();
    for (;;) {
      const message = this.#receiveCommand();
      if (message === null) return this.#send({ kind: "next" });
      if (message === undefined || message.data.length === 0) return this.#disconnect();
      const command = decodeCommand(message.data);
      if (command?.kind === "signal") this.#passOn(command.id, command.signal);
      else if (command?.kind === "open") this.#take(command, message.fds);
      else if (command?.kind === "begin") this.#begin(command.id);
      else if (command?.kind === "hold" && !this.#isLeaving) {
        for (const fd of message.fds) this.#held.add(fd);
      } else for (const fd of message.fds) kernel.close(fd);
      if (command?.kind === "release") this.#release();
    }
  }

  /** The next command; null when there is none, undefined when svscan is gone. */
  #receiveCommand(): ReceivedMessage | null | undefined {
    const { kernel } = this.#parts;
    const receive = () => kernel.receiveMessage(this.#socketFd, LONGEST_MESSAGE, STREAM_FDS);
    try {
      return receive();
    } catch (error) {
      if (errnoOf(error) !== ERRNO.ECONNRESET) throw error;
    }
    // It was killed with reports that it had not read. That is told once; what it has said before
    // that is still to be read: the pipes that are to be held may be among it.
    return receive();
  }

  #disconnect(): void {
    const { kernel, reactor } = this.#parts;
    this.#isConnected = false;
    reactor.unwatch(this.#socketFd);
    kernel.close(this.#socketFd);
    for (const [id, { order }] of this.#entries) {
      if (order === undefined) continue;
      // It is not on record that this is here. Whoever comes next finds the pipe by the service.
      this.#held.add(order.inputFd);
      kernel.close(order.directoryFd);
      this.#remove(id);
    }
    if (this.#held.size > 0) reactor.after(HOLD_MS, () => this.#release());
  }

  #release(): void {
    for (const fd of this.#held) this.#parts.kernel.close(fd);
    this.#held.clear();
  }

  #passOn(id: number, signal: number): void {
    const entry = this.#entries.get(id);
    if (entry !== undefined) this.#signal(entry, signal);
  }

  #signal(entry: Entry, signal: number): void {
    const { stream } = entry;
    if (stream === undefined) {
      entry.earlySignals.push(signal);
      return;
    }
    switch (signal) {
      case SIGNAL.ALRM:
        return stream.rotate();
      case SIGNAL.STOP:
      case SIGNAL.TSTP:
      case SIGNAL.TTIN:
      case SIGNAL.TTOU:
        return stream.pause();
      case SIGNAL.CONT:
        return stream.resume();
      case SIGNAL.KILL:
        entry.isKilled = true;
        return stream.abandon();
      case SIGNAL.CHLD:
      case SIGNAL.URG:
      case SIGNAL.WINCH:
        return;
      default:
        // What else ends a process ends a stream, but in order.
        return stream.stop();
    }
  }

  #take(command: HostCommand & { kind: "open" }, fds: readonly number[]): void {
    const { kernel, reporter } = this.#parts;
    const { id, args, joinsErrorToOutput } = command;
    const [inputFd, directoryFd] = fds;
    if (inputFd === undefined || directoryFd === undefined || this.#isLeaving) {
      for (const fd of fds) kernel.close(fd);
      if (this.#isLeaving) return this.#send({ kind: "ended", id, status: 0 });
      const reason = new SystemError("recvmsg", ERRNO.EMFILE);
      reporter.fatal(["unable to receive the descriptors of a log"], reason);
      return this.#send({ kind: "full", id });
    }
    const order = { args, joinsErrorToOutput, inputFd, directoryFd };
    this.#entries.set(id, { order, stream: undefined, earlySignals: [], isKilled: false });
    this.#onCountChange(this.#entries.size);
  }

  #begin(id: number): void {
    const entry = this.#entries.get(id);
    if (entry?.order === undefined) return;
    const { order } = entry;
    entry.order = undefined;
    void this.#run(id, entry, order);
  }

  #remove(id: number): void {
    this.#entries.delete(id);
    this.#onCountChange(this.#entries.size);
  }

  /** Runs a stream from its beginning to its end. It never throws. */
  async #run(id: number, entry: Entry, order: StreamOrder): Promise<void> {
    const { kernel, reactor } = this.#parts;
    const outcome = await this.#outcomeOf(entry, order);
    // On a turn of the event loop, as whatever ends or begins.
    reactor.post(() => {
      for (const fd of [order.inputFd, order.directoryFd]) kernel.close(fd);
      this.#remove(id);
      this.#send(
        outcome === "full" ? { kind: "full", id } : { kind: "ended", id, status: outcome },
      );
    });
  }

  /** Runs a stream to its end. The wait status, or why it was not opened. */
  async #outcomeOf(entry: Entry, order: StreamOrder): Promise<number | "full"> {
    try {
      entry.stream = await this.#parts.open(order);
      for (const signal of entry.earlySignals) this.#signal(entry, signal);
      const errno = await entry.stream.run();
      if (entry.isKilled) return SIGNAL.KILL;
      return errno === 0 ? 0 : EXIT_FAILURE << 8;
    } catch (error) {
      if (error instanceof ProgramEnd) {
        this.#parts.print(order, error.text);
        return error.errno === ERRNO.EMFILE ? "full" : error.exitCode << 8;
      }
      if (error instanceof SystemError) {
        this.#parts.reporter.fatal(["a log ended"], error);
      } else {
        // A bug in one stream must not end the others.
        const bug = await this.#parts.describeBug(error);
        this.#parts.reporter.fatal([`this is a bug: ${bug}`]);
      }
      return EXIT_FAILURE << 8;
    }
  }

  #send(report: HostReport): void {
    this.#unsent.push(encodeReport(report));
    // What waits already is sent first, when its time comes.
    if (this.#unsent.length === 1) this.#flush();
  }

  #flush(): void {
    try {
      while (this.#isConnected && this.#unsent.length > 0) {
        this.#parts.kernel.sendMessage(this.#socketFd, this.#unsent[0]!, []);
        this.#unsent.shift();
      }
    } catch (error) {
      if (errnoOf(error) === ERRNO.EAGAIN) {
        this.#parts.reactor.after(RETRY_MS, () => this.#flush());
      } else this.#unsent.length = 0;
    }
  }
}
