/**
 * What a log does about trouble: it says so, waits five seconds, and tries again, for as long as
 * it takes. Nothing is ever given up.
 */

import { messageLine, type MessagePart } from "../base/messages.ts";
import { errnoOf } from "../base/system_error.ts";
import type { Host } from "../reactor/host.ts";

const PAUSE_MS = 5020;

/** What a log works with. */
export type LogHost = Host;

/** The tries of one log, and whether one of them is failing at present. */
export class Persistence {
  /** How many things do not work at present. */
  troubles = 0;
  /** Called when trouble begins. */
  onTrouble: () => void = () => {};
  readonly #host: LogHost;

  /** Reports to the host. */
  constructor(host: LogHost) {
    this.#host = host;
  }

  /** Says something, and waits. */
  async pause(parts: readonly MessagePart[], errno?: number): Promise<void> {
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
