/**
 * The socket at which a service reports, as programs of systemd do. It has a name of its own that
 * needs no directory, so that a service which has given up its rights can reach it; whoever else
 * writes to it is not heard: the kernel tells who has sent a message.
 */

import { type Bytes, concat, encode } from "../../base/bytes.ts";
import { ERRNO } from "../../base/errno.ts";
import { errnoOf } from "../../base/system_error.ts";
import type { SupervisionHost } from "../host.ts";
import { LONGEST_NOTIFICATION, type Notification, parseNotification } from "./notify_message.ts";

/** Ancestors of a sender that are looked at. */
const MOST_ANCESTORS = 16;
/** So many messages are taken before others have their turn. */
const MESSAGES_PER_TURN = 16;

/** The socket of one service. */
export class NotifySocket {
  readonly #host: SupervisionHost;
  readonly #onMessage: (notification: Notification) => void;
  readonly #fd: number;
  /** What `NOTIFY_SOCKET` is to be. */
  readonly variable: Bytes;
  #pid = 0;

  /**
   * Opens it.
   *
   * @param key what no other service has: a later supervisor opens the same name again
   * @param onMessage told of what the service says
   * @throws {SystemError} when it cannot be opened or watched
   */
  constructor(
    host: SupervisionHost,
    key: string,
    onMessage: (notification: Notification) => void,
  ) {
    this.#host = host;
    this.#onMessage = onMessage;
    let name = encode(`daemontools/notify/${key}`);
    try {
      this.#fd = host.kernel.openNotifySocket(name);
    } catch (error) {
      if (errnoOf(error) !== ERRNO.EADDRINUSE) throw error;
      // Somebody has taken the name: another one does as well, until this process ends.
      name = concat(name, `/${crypto.randomUUID()}`);
      this.#fd = host.kernel.openNotifySocket(name);
    }
    this.variable = concat("NOTIFY_SOCKET=@", name);
    try {
      host.reactor.watch(this.#fd, () => this.#receive());
    } catch (error) {
      host.kernel.close(this.#fd);
      throw error;
    }
  }

  /** Hears a process, and what came from it, from now on; nobody, if 0. */
  hear(pid: number): void {
    this.#pid = pid;
  }

  /** Closes it. */
  close(): void {
    this.#host.reactor.unwatch(this.#fd);
    this.#host.kernel.close(this.#fd);
  }

  #receive(): void {
    const { kernel } = this.#host;
    for (let count = 0; count < MESSAGES_PER_TURN; count++) {
      const received = kernel.receiveNotification(this.#fd, LONGEST_NOTIFICATION + 1);
      if (received === null) return;
      try {
        if (!this.#isHeard(received.senderPid)) continue;
        const notification = parseNotification(received.data);
        if (notification !== undefined) this.#onMessage(notification);
      } finally {
        // A barrier is one that its sender waits for; a store of descriptors there is not.
        for (const fd of received.fds) kernel.close(fd);
      }
    }
  }

  /** Whether a sender is the service's process, or came from it. */
  #isHeard(senderPid: number): boolean {
    if (this.#pid === 0) return false;
    let pid = senderPid;
    for (let count = 0; count < MOST_ANCESTORS && pid > 1; count++) {
      if (pid === this.#pid) return true;
      pid = this.#host.kernel.findProcess(pid)?.parentPid ?? 0;
    }
    return false;
  }
}
