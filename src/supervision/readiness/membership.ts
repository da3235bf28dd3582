/**
 * Which processes are a service's: its main process, what descends from that, and orphans.
 *
 * A daemon that goes to the background is an orphan as soon as its parent has ended. Orphans of
 * services become our children, so one that nobody here has started came from a service. Of which
 * one cannot be known; so it counts only with the same rights as the main process, or root's, and
 * when it was started later.
 */

import { CWD } from "../../base/kernel_constants.ts";
import { ignoreSystemError } from "../../base/system_error.ts";
import type { ProcessFacts } from "../../system/kernel.ts";
import type { SupervisionHost } from "../host.ts";

/** Ancestors of a process that are looked at. */
const MOST_ANCESTORS = 16;
const ROOT = 0;

/** Who has sent a message, as the kernel tells. */
export interface Sender {
  /** The process. */
  readonly senderPid: number;
  /** Its user. */
  readonly senderUid: number;
}

/** The processes of one service. */
export class Membership {
  readonly #host: Pick<SupervisionHost, "kernel" | "children">;
  #mainPid = 0;
  #startTicks = 0;

  constructor(host: Pick<SupervisionHost, "kernel" | "children">) {
    this.#host = host;
  }

  /** Sets the main process; 0 for none. */
  setMain(pid: number): void {
    this.#mainPid = pid;
    this.#startTicks = this.#host.kernel.findProcess(pid)?.startTicks ?? 0;
  }

  /** Whether a message comes from the service. */
  hasSent({ senderPid, senderUid }: Sender): boolean {
    const relation = this.#relationOf(senderPid);
    return relation === "own" ||
      (relation === "orphan" && (senderUid === ROOT || senderUid === this.#userOf(this.#mainPid)));
  }

  /**
   * The process that a message of the service names as its main process.
   *
   * @returns undefined when it is none of the service's, or has ended
   */
  find(pid: number, { senderPid, senderUid }: Sender): ProcessFacts | undefined {
    const facts = this.#host.kernel.findProcess(pid);
    if (facts === undefined || facts.hasEnded) return undefined;
    const relation = this.#relationOf(pid);
    const isNamed = relation === "own" || (relation === "orphan" &&
      (pid === senderPid || senderUid === ROOT || senderUid === this.#userOf(pid)));
    return isNamed ? facts : undefined;
  }

  #relationOf(pid: number): "own" | "orphan" | "stranger" {
    const { kernel, children } = this.#host;
    if (this.#mainPid === 0) return "stranger";
    let at = pid;
    for (let count = 0; count < MOST_ANCESTORS && at > 1; count++) {
      if (at === this.#mainPid) return "own";
      const facts = kernel.findProcess(at);
      if (facts === undefined) break;
      if (facts.parentPid === kernel.pid()) {
        const isLater = facts.startTicks >= this.#startTicks;
        return isLater && !children.has(at) ? "orphan" : "stranger";
      }
      at = facts.parentPid;
    }
    return "stranger";
  }

  #userOf(pid: number): number | undefined {
    try {
      return this.#host.kernel.stat(CWD, `/proc/${pid}`).uid;
    } catch (error) {
      // It has ended, or its user cannot be found out: then it has nobody's rights.
      ignoreSystemError(error);
      return undefined;
    }
  }
}
