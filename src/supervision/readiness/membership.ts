/**
 * Which processes are a service's: its main process, what descends from that, and orphans.
 *
 * A daemon that goes to the background is an orphan as soon as its parent has ended. Orphans of
 * services become our children, so one that nobody here has started came from a service. Of which
 * one cannot be known; so it counts only with the same rights as the main process, or root's, and
 * when it was started later.
 *
 * A main process that a killed supervisor has left leaves its orphans to whom it was left itself. It
 * can name one of them; but what such a one says is not heard.
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
  /** Who gets what the main process leaves. */
  #heir = 0;

  constructor(host: Pick<SupervisionHost, "kernel" | "children">) {
    this.#host = host;
  }

  /** Sets the main process; 0 for none. */
  setMain(pid: number): void {
    const { kernel } = this.#host;
    this.#mainPid = pid;
    const facts = this.#findProcess(pid);
    this.#startTicks = facts?.startTicks ?? 0;
    const isOurs = this.#lineOf(pid).some(({ parentPid }) => parentPid === kernel.pid());
    this.#heir = isOurs ? kernel.pid() : facts?.parentPid ?? 0;
  }

  /** Whether a message comes from the service. */
  hasSent({ senderPid, senderUid }: Sender): boolean {
    const relation = this.#relationOf(senderPid);
    return relation === "own" || (relation === "orphan" && this.#heir === this.#host.kernel.pid() &&
      (senderUid === ROOT || senderUid === this.#userOf(this.#mainPid)));
  }

  /**
   * The process that a message of the service names as its main process.
   *
   * @returns undefined when it is none of the service's, or has ended
   */
  find(pid: number, { senderPid, senderUid }: Sender): ProcessFacts | undefined {
    const facts = this.#findProcess(pid);
    if (facts === undefined || facts.hasEnded) return undefined;
    const relation = this.#relationOf(pid);
    const isNamed = relation === "own" || (relation === "orphan" &&
      (pid === senderPid || senderUid === ROOT || senderUid === this.#userOf(pid)));
    return isNamed ? facts : undefined;
  }

  #relationOf(pid: number): "own" | "orphan" | "stranger" {
    const { kernel, children } = this.#host;
    if (this.#mainPid === 0 || pid === kernel.pid()) return "stranger";
    if (pid === this.#mainPid) return "own";
    const line = this.#lineOf(pid);
    if (line.some(({ parentPid }) => parentPid === this.#mainPid)) return "own";
    const head = line.find(({ parentPid }) => parentPid === this.#heir);
    if (head === undefined || head.startTicks < this.#startTicks) return "stranger";
    return head.pid === kernel.pid() || children.has(head.pid) ? "stranger" : "orphan";
  }

  /** A process, its parent, and so on. */
  #lineOf(pid: number): ProcessFacts[] {
    const line: ProcessFacts[] = [];
    for (let at = pid; at > 1 && line.length < MOST_ANCESTORS;) {
      const facts = this.#findProcess(at);
      if (facts === undefined) break;
      line.push(facts);
      at = facts.parentPid;
    }
    return line;
  }

  /** Facts of a process; undefined when there is none, or they cannot be had. */
  #findProcess(pid: number): ProcessFacts | undefined {
    try {
      return this.#host.kernel.findProcess(pid);
    } catch (error) {
      ignoreSystemError(error);
      return undefined;
    }
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
