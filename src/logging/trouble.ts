/**
 * What a log does about trouble: it says so, waits five seconds, and tries again, for as long as
 * it takes. Nothing is ever given up.
 */

import { ERRNO } from "../base/errno.ts";
import { messageLine, type MessagePart } from "../base/messages.ts";
import { errnoOf, SystemError } from "../base/system_error.ts";
import type { Host } from "../reactor/host.ts";

const PAUSE_MS = 5020;

/** What a log works with. */
export type LogHost = Host;

/** What was tried need not be done any more: the directory is gone, with all that was in it. */
export class Moot extends SystemError {
  /** Says that there is nothing. */
  constructor() {
    super("open", ERRNO.ENOENT);
  }
}

/** The tries of one log, and whether one of them is failing at present. */
export class Persistence {
  /** How many things do not work at present. */
  troubles = 0;
  /** Called when trouble begins. */
  onTrouble: () => void = () => {};
  readonly #host: LogHost;
  readonly #isMoot: () => boolean;

  /**
   * Reports to the host.
   *
   * @param isMoot asked after each failure: whether to give up, with {@linkcode Moot}
   */
  constructor(host: LogHost, isMoot: () => boolean = () => false) {
    this.#host = host;
    this.#isMoot = isMoot;
  }

  /**
   * Says something, and waits.
   *
   * @throws {Moot} when there is nothing to wait for
   */
  async pause(parts: readonly MessagePart[], errno?: number): Promise<void> {
    if (this.#isMoot()) throw new Moot();
    this.#host.report(messageLine("multilog", "warning", [...parts, ", pausing"], errno));
    this.troubles++;
    this.onTrouble();
    await new Promise<void>((resolve) => this.#host.reactor.after(PAUSE_MS, resolve));
    this.troubles--;
  }

  /**
   * Does something until it works.
   *
   * @param parts what is said when it does not: `unable to …`
   * @returns what it gave
   * @throws {Moot} when it need not be done any more
   */
  async until<T>(parts: readonly MessagePart[], step: () => T | Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await step();
      } catch (error) {
        await this.pause(parts, errnoOf(error));
      }
    }
  }
}
