/**
 * Child processes: started here, and their ends reported to whoever started them.
 *
 * SIGCHLD tells that there is something to reap. It needs no descriptor per child and works for
 * orphans too, which become our children when we are process 1.
 */

import { SIGNAL } from "../base/signals.ts";
import { withCarriedLimits } from "../system/carried_limits.ts";
import type { ExecAttributes, Kernel, SpawnPlan } from "../system/kernel.ts";
import type { Reactor } from "./reactor.ts";

/** The part of the kernel that children need. */
export type ChildrenKernel = Pick<Kernel, "spawn" | "reap" | "onSignal">;

/**
 * How to start a child. Exec attributes that every child gets are added, and SIGCHLD is not
 * blocked in it, as supervise of daemontools has it.
 */
export interface ChildPlan extends Omit<SpawnPlan, "attributes"> {
  /** Descriptors that are to have another number there. */
  readonly descriptors?: ExecAttributes["descriptors"];
  /**
   * Whether it is our own executable. The runtime may not be able to start under the limits that
   * children get, so they are carried past it.
   */
  readonly isOurs?: boolean;
}

/** All children of this process. */
export class Children {
  readonly #onEnd = new Map<number, (status: number) => void>();
  readonly #beforeReaping = new Set<() => void>();
  readonly #kernel: ChildrenKernel;
  readonly #attributes: ExecAttributes;

  /**
   * Starts to listen for ends.
   *
   * @param attributes what every child gets
   */
  constructor(kernel: ChildrenKernel, reactor: Reactor, attributes: ExecAttributes) {
    this.#kernel = kernel;
    this.#attributes = attributes;
    kernel.onSignal("SIGCHLD", () => reactor.post(() => this.reapAll()));
  }

  /**
   * Starts a program.
   *
   * @param onEnd called once, with the wait status, after it has ended and is reaped
   * @returns its process id
   * @throws {SystemError} when it cannot be started
   */
  start(
    { descriptors = [], unblockedSignals = [], isOurs = false, ...plan }: ChildPlan,
    onEnd: (status: number) => void,
  ): number {
    const { limits, descriptors: earlier } = this.#attributes;
    const carried = isOurs ? limits : [];
    const pid = this.#kernel.spawn({
      ...plan,
      environment: withCarriedLimits(plan.environment, carried),
      attributes: { limits: isOurs ? [] : limits, descriptors: [...earlier, ...descriptors] },
      unblockedSignals: [SIGNAL.CHLD, ...unblockedSignals],
    });
    this.#onEnd.set(pid, onEnd);
    return pid;
  }

  /**
   * Tells of the end of a child that was not started here: by a predecessor in this process, or by
   * a child of ours that has left it behind.
   *
   * @returns its process id
   */
  keep(pid: number, onEnd: (status: number) => void): number {
    this.#onEnd.set(pid, onEnd);
    return pid;
  }

  /** Tells nobody of the end of a child that {@linkcode keep} was given. */
  forget(pid: number, onEnd: (status: number) => void): void {
    if (this.#onEnd.get(pid) === onEnd) this.#onEnd.delete(pid);
  }

  /** Whether somebody is to be told of the end of a child. */
  has(pid: number): boolean {
    return this.#onEnd.has(pid);
  }

  /**
   * Has something done before children are reaped, as long as it is known who they were.
   *
   * @returns undoes that
   */
  beforeReaping(action: () => void): () => void {
    this.#beforeReaping.add(action);
    return () => void this.#beforeReaping.delete(action);
  }

  /** Reaps every child that has ended. One that nobody asks for is forgotten. */
  reapAll(): void {
    for (const action of [...this.#beforeReaping]) action();
    for (let ended = this.#kernel.reap(); ended !== null; ended = this.#kernel.reap()) {
      const onEnd = this.#onEnd.get(ended.pid);
      this.#onEnd.delete(ended.pid);
      onEnd?.(ended.status);
    }
  }
}
