/**
 * Live upgrade: the executable that is installed now takes the place of this one, in the same
 * process. It is asked for its version first: one that does not answer takes nobody's place.
 */

import { type Bytes, concat, decode, encode } from "../base/bytes.ts";
import { CWD } from "../base/kernel_constants.ts";
import type { Reporter } from "../base/messages.ts";
import { SIGNAL } from "../base/signals.ts";
import { compareVersions, VERSION } from "../base/version.ts";
import type { ExecAttributes, Kernel } from "../system/kernel.ts";
import { decodeHandover, encodeHandover, handedDescriptors, type Handover } from "./handover.ts";
import type { SupervisionHost } from "./host.ts";

/** An executable that takes longer to tell its version is not to be trusted with more. */
const LONGEST_ANSWER_MS = 10_000;
const ANSWER_SIZE = 256;
/** How long services that wait for their storage are waited for, and how often that is looked at. */
const LONGEST_WAIT_MS = 10_000;
const WAIT_MS = 10;

/** What the successor is called with. */
export interface Calling {
  /** The path of the executable. */
  readonly executable: Bytes;
  /** argv, argv[0] first. */
  readonly argv: readonly Bytes[];
  /** What children are to have. */
  readonly attributes: ExecAttributes;
}

/** What a program is called with that can be upgraded. */
export interface Called {
  /** argv[0]. */
  readonly invokedAs: Bytes;
  /** The arguments behind it. */
  readonly args: readonly Bytes[];
  /** The environment. */
  readonly environment: readonly Bytes[];
  /** What children are to have. */
  readonly execAttributes: ExecAttributes;
  /** The operating system. */
  readonly kernel: Pick<Kernel, "close" | "executablePath" | "takeInheritance">;
}

/**
 * Takes what a predecessor in this process has handed over, if there is one. To be called before
 * the working directory is changed.
 *
 * @returns how the program is called without that, how its successor is, and what it goes on with:
 *   no list of services when nothing has begun yet
 */
export function takeOffice<C extends Called>(
  called: C,
): { context: C; calling: Calling } & Handover {
  const { kernel, invokedAs, args, environment } = called;
  const inheritance = kernel.takeInheritance(environment);
  const context = inheritance === undefined ? called : {
    ...called,
    environment: inheritance.environment,
    execAttributes: inheritance.attributes,
  };
  const calling = {
    executable: kernel.executablePath(),
    argv: [invokedAs, ...args],
    attributes: context.execAttributes,
  };
  if (inheritance === undefined) return { context, calling };
  const handover = decodeHandover(inheritance.message);
  if (handover === undefined) {
    // In a language that we do not know: what is supervised is found by its records.
    const kept = inheritance.attributes.descriptors.map(({ from }) => from);
    for (const fd of inheritance.descriptors) if (!kept.includes(fd)) kernel.close(fd);
  }
  return { context, calling, ...(handover ?? { services: [] }) };
}

/** Upgrades the process it is made in. */
export class Upgrade {
  readonly #host: SupervisionHost;
  readonly #reporter: Reporter;
  readonly #calling: Calling;
  readonly #handOver: () => Handover | undefined;
  #isBusy = false;

  /**
   * Makes an upgrade that has not begun.
   *
   * @param handOver tells what to hand over when the time has come; undefined when it is too late
   */
  constructor(
    host: SupervisionHost,
    reporter: Reporter,
    calling: Calling,
    handOver: () => Handover | undefined,
  ) {
    this.#host = host;
    this.#reporter = reporter;
    this.#calling = calling;
    this.#handOver = handOver;
  }

  /** Asks the executable for its version, and becomes it when it answers. */
  begin(): void {
    if (this.#isBusy) return;
    const { kernel, reactor, children, environment } = this.#host;
    let ends: ReturnType<typeof kernel.pipe>;
    try {
      ends = kernel.pipe();
    } catch (error) {
      // Descriptors may be short: no mistake of ours, and another signal tries again.
      this.#refuse("it cannot be asked for its version", error);
      return;
    }
    const { readFd, writeFd } = ends;
    let pid: number;
    try {
      const argv = [encode("daemontools"), encode("--version")];
      const plan = { path: this.#calling.executable, argv, environment, directoryFd: CWD };
      pid = children.start({ ...plan, stdoutFd: writeFd, isOurs: true }, (status) => {
        this.#isBusy = false;
        reactor.cancel(deadline);
        const answer = this.#readAnswer(readFd);
        kernel.close(readFd);
        this.#judge(status, answer);
      });
    } catch (error) {
      kernel.close(readFd);
      this.#refuse("it cannot be executed", error);
      return;
    } finally {
      kernel.close(writeFd);
    }
    this.#isBusy = true;
    const deadline = reactor.after(LONGEST_ANSWER_MS, () => kernel.kill(pid, SIGNAL.KILL));
  }

  #readAnswer(fd: number): string {
    if (this.#host.kernel.bytesWaiting(fd) === 0) return "";
    const buffer = new Uint8Array(ANSWER_SIZE);
    return decode(buffer.subarray(0, Math.max(0, this.#host.kernel.read(fd, buffer))));
  }

  #judge(status: number, answer: string): void {
    const version = /^daemontools (\d+(?:\.\d+)*)\S*\n$/.exec(answer)?.[1];
    if (status !== 0 || version === undefined) {
      return this.#refuse("it does not tell its version");
    }
    if (compareVersions(version, VERSION) < 0) {
      return this.#refuse(`it is the older version ${version}, and this is ${VERSION}`);
    }
    this.#isBusy = true;
    const { reactor } = this.#host;
    const deadlineMs = reactor.nowMs() + LONGEST_WAIT_MS;
    // By a timer: a signal that was read together with SIGCHLD is handled before that.
    reactor.after(0, () => this.#becomeBy(deadlineMs));
  }

  /** What waits for storage is in memory alone, and a thread that waits would keep the process. */
  #becomeBy(deadlineMs: number): void {
    const { storage, reactor } = this.#host;
    const isLate = reactor.nowMs() >= deadlineMs;
    if (!storage.isIdle && !isLate) {
      reactor.after(WAIT_MS, () => this.#becomeBy(deadlineMs));
      return;
    }
    this.#isBusy = false;
    if (storage.isIdle) this.#become();
    else this.#refuse("a file system does not answer");
  }

  #become(): void {
    const handover = this.#handOver();
    if (handover === undefined) return;
    const { executable, argv, attributes } = this.#calling;
    try {
      this.#host.kernel.succeed({
        path: executable,
        argv,
        environment: this.#host.environment,
        attributes,
        descriptors: handedDescriptors(handover),
        message: encodeHandover(handover),
      });
    } catch (error) {
      this.#refuse("it cannot be executed", error);
    }
  }

  #refuse(why: string, error?: unknown): void {
    const path = this.#calling.executable;
    this.#reporter.warning([concat("not upgraded to ", path), `: ${why}`], error);
  }
}
