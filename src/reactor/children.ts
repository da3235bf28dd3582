/**
 * Child processes: started here, and their ends reported to whoever started them.
 *
 * SIGCHLD tells that there is something to reap. It needs no descriptor per child and works for
 * orphans too, which become our children when we are process 1.
 */

import type { Kernel, SpawnPlan } from "../system/kernel.ts";
import type { Reactor } from "./reactor.ts";

/** The part of the kernel that children need. */
export type ChildrenKernel = Pick<Kernel, "spawn" | "reap" | "onSignal">;

/** All children of this process. */
export class Children {
  readonly #onEnd = new Map<number, (status: number) => void>();
  readonly #kernel: ChildrenKernel;

  /** Starts to listen for ends. */
  constructor(kernel: ChildrenKernel, reactor: Reactor) {
    this.#kernel = kernel;
    kernel.onSignal("SIGCHLD", () => reactor.post(() => this.reapAll()));
  }

  /**
   * Starts a program.
   *
   * @param onEnd called once, with the wait status, after it has ended and is reaped
   * @returns its process id
   * @throws {SystemError} when it cannot be started
   */
  start(plan: SpawnPlan, onEnd: (status: number) => void): number {
    const pid = this.#kernel.spawn(plan);
    this.#onEnd.set(pid, onEnd);
    return pid;
  }

  /** Reaps every child that has ended. One that we did not start is forgotten. */
  reapAll(): void {
    for (let ended = this.#kernel.reap(); ended !== null; ended = this.#kernel.reap()) {
      const onEnd = this.#onEnd.get(ended.pid);
      this.#onEnd.delete(ended.pid);
      onEnd?.(ended.status);
    }
  }
}
