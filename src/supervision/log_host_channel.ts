/**
 * The socket to a log host. What it has no room for waits; a host says when it has read
 * everything. See ../base/log_host_messages.ts for what is said.
 */

import type { Bytes } from "../base/bytes.ts";
import { ERRNO } from "../base/errno.ts";
import { decodeReport, type HostReport } from "../base/log_host_messages.ts";
import { errnoOf } from "../base/system_error.ts";
import type { Timer } from "../reactor/reactor.ts";
import type { ReceivedMessage } from "../system/kernel.ts";
import type { SupervisionHost } from "./host.ts";

/** What a host writes is a few bytes. */
const LONGEST_REPORT = 16;
/** Reports of one host in a row: one that never stops talking must not keep others waiting. */
const REPORTS_PER_TURN = 64;
/** So long, in milliseconds, is waited when too many descriptors are on their way. */
const IN_FLIGHT_MS = 20;

/** What is sent to a host: bytes, and descriptors that are others' to close. */
export interface Message {
  /** Which stream it opens, if it opens one. */
  readonly opens?: number;
  /** What is said. */
  readonly data: Bytes;
  /** What goes with it. */
  readonly fds: readonly number[];
}

/** Who is told of what happens on a channel. */
export interface ChannelOwner {
  /** The host has told something. */
  onReport(report: HostReport): void;
  /**
   * The host is gone, or cannot be spoken with. The channel is to be closed then.
   *
   * @param error why it cannot be spoken with; absent when it is gone
   */
  onLoss(error?: unknown): void;
}

/** Speaks with one host. */
export class LogHostChannel {
  readonly #host: SupervisionHost;
  readonly #fd: number;
  readonly #owner: ChannelOwner;
  /** What the socket had no room for, oldest first. */
  readonly #unsent: Message[] = [];
  #isOpen = true;
  #retry: Timer | undefined;

  /**
   * Begins to listen.
   *
   * @param fd our end of the socket; it is closed with the channel, and left open by a throw
   * @throws {SystemError} when it cannot be watched
   */
  constructor(host: SupervisionHost, fd: number, owner: ChannelOwner) {
    this.#host = host;
    this.#fd = fd;
    this.#owner = owner;
    host.reactor.watch(fd, () => this.#receive());
  }

  /** Whether it has not been closed. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Whether a stream that is to be opened has still to be told of. */
  isYetToOpen(id: number): boolean {
    return this.#unsent.some(({ opens }) => opens === id);
  }

  /** Sends a message now, or when there is room. */
  send(message: Message): void {
    this.#unsent.push(message);
    this.#flush();
  }

  /** Sends a message on the next turn of the event loop, or before the next message that is sent. */
  sendLater(message: Message): void {
    this.#unsent.push(message);
    if (this.#unsent.length === 1) this.#host.reactor.post(() => this.#flush());
  }

  /** Closes the socket; what was not sent is forgotten. */
  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#unsent.length = 0;
    this.#cancelRetry();
    this.#host.reactor.unwatch(this.#fd);
    this.#host.kernel.close(this.#fd);
  }

  /** Sends as much as there is room for. When there is more, the host tells. */
  #flush(): void {
    this.#cancelRetry();
    while (this.#isOpen && this.#unsent.length > 0) {
      const { data, fds } = this.#unsent[0]!;
      try {
        this.#host.kernel.sendMessage(this.#fd, data, fds);
      } catch (error) {
        return this.#notSent(error);
      }
      this.#unsent.shift();
    }
  }

  #notSent(error: unknown): void {
    switch (errnoOf(error)) {
      case ERRNO.EAGAIN:
      // A host that is gone is told of by its end; its streams end then.
      case ERRNO.EPIPE:
      case ERRNO.ECONNRESET:
        return;
      case ERRNO.ETOOMANYREFS:
        // A user's own limit, for all that nobody has received yet: who receives it tells others.
        this.#retry = this.#host.reactor.after(IN_FLIGHT_MS, () => this.#flush());
        return;
      default:
        this.#owner.onLoss(error);
    }
  }

  #cancelRetry(): void {
    if (this.#retry !== undefined) this.#host.reactor.cancel(this.#retry);
    this.#retry = undefined;
  }

  /** What is left is read on the next turn. */
  #receive(): void {
    for (let reports = 0; this.#isOpen && reports < REPORTS_PER_TURN; reports++) {
      const message = this.#receiveMessage();
      if (message === null) return;
      // It has ended, or has no business to run on.
      if (message === undefined || message.data.length === 0) return this.#owner.onLoss();
      const report = message.isWhole ? decodeReport(message.data) : undefined;
      if (report?.kind === "next") this.#flush();
      else if (report !== undefined) this.#owner.onReport(report);
    }
  }

  /** The next message; null when there is none, undefined when the host is gone. */
  #receiveMessage(): ReceivedMessage | null | undefined {
    try {
      return this.#host.kernel.receiveMessage(this.#fd, LONGEST_REPORT, 0);
    } catch (error) {
      // It was killed with commands that it had not read.
      if (errnoOf(error) === ERRNO.ECONNRESET) return undefined;
      throw error;
    }
  }
}
