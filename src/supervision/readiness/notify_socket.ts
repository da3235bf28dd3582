/**
 * The socket at which a service reports, as programs of systemd do. It has a name of its own that
 * needs no directory, so that a service which has given up its rights can reach it; whoever else
 * writes to it is not heard: the kernel tells who has sent a message.
 *
 * What waits is read before children are reaped: as long as the main process is known that was the
 * parent of others, and its last words count before its end does.
 */

import { type Bytes, concat, encode } from "../../base/bytes.ts";
import { ERRNO } from "../../base/errno.ts";
import { errnoOf, ignoreSystemError } from "../../base/system_error.ts";
import type { SupervisionHost } from "../host.ts";
import { Membership, type Sender } from "./membership.ts";
import { LONGEST_NOTIFICATION, type Notification, parseNotification } from "./notify_message.ts";

/** So many messages are taken before others have their turn. */
const MESSAGES_PER_TURN = 16;
/** More than a socket holds, unless somebody goes on writing. */
const ALL_MESSAGES = 4096;

/** The socket of one service. */
export class NotifySocket {
  readonly #host: SupervisionHost;
  readonly #onMessage: (notification: Notification, sender: Sender) => void;
  readonly #fd: number;
  /** The processes of the service, which are heard. */
  readonly membership: Membership;
  readonly #forgetHook: () => void;
  /** What `NOTIFY_SOCKET` is to be. */
  readonly variable: Bytes;
  #isClosed = false;

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
    onMessage: (notification: Notification, sender: Sender) => void,
  ) {
    this.#host = host;
    this.membership = new Membership(host);
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
      // Daemons that lose their parent are still to be known as the service's.
      host.kernel.adoptOrphans();
      host.reactor.watch(this.#fd, () => this.receive(MESSAGES_PER_TURN));
    } catch (error) {
      host.kernel.close(this.#fd);
      throw error;
    }
    this.#forgetHook = host.children.beforeReaping(() => this.receiveIfPossible());
  }

  /** Closes it. */
  close(): void {
    this.#isClosed = true;
    this.#forgetHook();
    this.#host.reactor.unwatch(this.#fd);
    this.#host.kernel.close(this.#fd);
  }

  /** Takes the messages that wait. What cannot be read now is tried again by the event loop. */
  receiveIfPossible(): void {
    try {
      this.receive();
    } catch (error) {
      ignoreSystemError(error);
    }
  }

  /**
   * Takes the messages that wait.
   *
   * @param most how many at most
   */
  receive(most = ALL_MESSAGES): void {
    const { kernel } = this.#host;
    for (let count = 0; count < most && !this.#isClosed; count++) {
      const received = kernel.receiveNotification(this.#fd, LONGEST_NOTIFICATION + 1);
      if (received === null) return;
      try {
        if (!this.membership.hasSent(received)) continue;
        const notification = parseNotification(received.data);
        if (notification !== undefined) this.#onMessage(notification, received);
      } finally {
        // A barrier is one that its sender waits for; a store of descriptors there is not.
        for (const fd of received.fds) kernel.close(fd);
      }
    }
  }
}
