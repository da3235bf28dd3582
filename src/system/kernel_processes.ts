/**
 * What the programs and the engines need of the operating system: processes and accounts. Part of
 * kernel.ts, through which it is imported; what holds for all calls is said there.
 */

import type { Bytes } from "../base/bytes.ts";
import type { Path } from "./kernel_files.ts";

/** An account: the numbers a process gets when it becomes that user. */
export interface Account {
  /** User id. */
  readonly uid: number;
  /** Primary group id. */
  readonly gid: number;
  /** All group ids that the process gets; the primary one alone unless given. */
  readonly groups?: readonly number[] | undefined;
}

/** A soft and a hard limit; 2^64 - 1 is "none". */
export interface ResourceLimit {
  /** The limit in force. */
  readonly soft: bigint;
  /** What `soft` can be raised to. */
  readonly hard: bigint;
}

/** What a program that we become or start is to have, though we do not have it ourselves. */
export interface ExecAttributes {
  /** Limits, applied in this order. */
  readonly limits: readonly { readonly resource: number; readonly limit: ResourceLimit }[];
  /** Descriptors of ours that are to have another number there. */
  readonly descriptors: readonly { readonly from: number; readonly to: number }[];
}

/** How to start a program in a new process. */
export interface SpawnPlan {
  /** The program, relative to `directoryFd`. */
  readonly path: Path;
  /** Its arguments, argv[0] first. */
  readonly argv: readonly Bytes[];
  /** Its environment. */
  readonly environment: readonly Bytes[];
  /** Its working directory; CWD for ours. */
  readonly directoryFd: number;
  /** What becomes its descriptor 0; ours if absent. */
  readonly stdinFd?: number | undefined;
  /** What becomes its descriptor 1; ours if absent. */
  readonly stdoutFd?: number | undefined;
  /** Signals that are not blocked in it, whatever our caller blocked. */
  readonly unblockedSignals?: readonly number[] | undefined;
  /** What else it gets. Most limits reach it just after its start. */
  readonly attributes: ExecAttributes;
}

/** A child process that ended. */
export interface EndedChild {
  /** Its process id. */
  readonly pid: number;
  /** Its wait status, as from waitpid. */
  readonly status: number;
}

/** Becoming another program, and what it inherits of this process. */
export interface Execution {
  /**
   * Becomes another program, with the descriptors that we were started with and with attributes.
   * Returns only by throwing; then nothing has changed.
   */
  execute(
    path: Path,
    argv: readonly Bytes[],
    environment: readonly Bytes[],
    attributes: ExecAttributes,
  ): never;
  /**
   * The descriptors that a program which we become has, in any order: those that we were
   * started with.
   */
  inheritedDescriptors(): number[];
  /**
   * Whether a path is the very executable that this process runs, and is nothing that gives rights
   * to who executes it.
   */
  isOwnExecutable(path: Path): boolean;
  /**
   * Takes note of the descriptors that are open. Those that are opened from now on, and that execve
   * would close, keep `continueAs` from going on.
   */
  noteDescriptors(): void;
  /**
   * Leaves this process, as far as others can see, as execve of our own executable would, except
   * that limits are not applied and descriptors not moved.
   *
   * @param path one for which isOwnExecutable holds
   * @returns false, with nothing changed, where that cannot be done
   */
  continueAs(
    path: Path,
    argv: readonly Bytes[],
    environment: readonly Bytes[],
    attributes: ExecAttributes,
  ): boolean;
  /** Makes a new session and process group; fails when we lead a group already. */
  newSession(): void;
  /** Limits of this process. */
  getLimit(resource: number): ResourceLimit;
  /** Sets limits of this process. */
  setLimit(resource: number, limit: ResourceLimit): void;
  /** Gives memory back that was needed for a while and is not any more. */
  releaseMemory(): void;
}

/** Processes: starting, signalling, reaping. */
export interface Processes {
  /**
   * Starts a program. It gets the descriptors that we were started with, no signal ignored on
   * our account, and the descriptor limit that we were started with.
   *
   * @returns the process id
   * @throws {SystemError} `posix_spawn`, also when the program cannot be executed
   */
  spawn(plan: SpawnPlan): number;
  /**
   * A descriptor for a process, readable once the process has ended; also for one that is not our
   * child, such as a service that a supervisor which is gone has left.
   */
  openProcess(pid: number): number;
  /** Takes note of one ended child, if there is one. */
  reap(): EndedChild | null;
  /** Waits until a child ends; returns its wait status, as from waitpid. */
  waitForEnd(pid: number): number;
  /** Sends a signal to the process that `openProcess` gave `pidFd` for. */
  signal(pidFd: number, signal: number): void;
  /** Sends a signal to a process by its id. */
  kill(pid: number, signal: number): void;
  /** Ends this process by a signal that it ignores. Returns only where the signal is blocked. */
  endBy(signal: number): void;
  /**
   * Raises the soft limit of open descriptors to the hard one, and that one to what is enough
   * where we have the right. Children keep the earlier ones.
   */
  raiseDescriptorLimit(): void;
  /** Our process id. */
  pid(): number;
  /**
   * Gives back what was used and is not any more, when that is much. To be called now and then.
   *
   * @param isAtRest whether there is time for it, so that less than much is worth it
   */
  collectGarbage(isAtRest?: boolean): void;
  /**
   * The memory of our last argument, where everyone who lists processes sees it.
   *
   * @param sizeBytes its length
   */
  lastArgument(sizeBytes: number): Bytes;
}

/** What is known of any process. */
export interface ProcessFacts {
  /** Its id. */
  readonly pid: number;
  /** Its parent's id. */
  readonly parentPid: number;
  /** Its session. */
  readonly sessionId: number;
  /** When it started, in clock ticks since boot: with the id, this is it and no other. */
  readonly startTicks: number;
  /** Whether it has ended, and its parent has not taken note yet. */
  readonly hasEnded: boolean;
}

/** Processes that need not be our children. */
export interface OtherProcesses {
  /** 16 bytes that no other boot of any system has. */
  bootId(): Bytes;
  /** Time since boot in clock ticks, of which a second has 100. */
  bootTicks(): number;
  /** Our session. */
  sessionId(): number;
  /**
   * Becomes the parent of whatever our children leave behind when they end, in place of init, for
   * as long as this process lives.
   */
  adoptOrphans(): void;
  /** Facts of a process; undefined when there is none with this id. */
  findProcess(pid: number): ProcessFacts | undefined;
  /** All processes that started at a time or later, in clock ticks since boot. */
  processesSince(ticks: number): ProcessFacts[];
  /**
   * Opens both ends of a pipe that a process has open.
   *
   * @param pid the process
   * @param fd its descriptor for either end
   * @throws {SystemError} also when the process may not be looked into, or is gone
   */
  reopenPipe(pid: number, fd: number): { readFd: number; writeFd: number };
}

/** What a process that becomes its successor hands over. */
export interface Legacy {
  /** The successor's executable. */
  readonly path: Bytes;
  /** Its arguments, argv[0] first. */
  readonly argv: readonly Bytes[];
  /** The environment that it is to hand on. */
  readonly environment: readonly Bytes[];
  /** What its children are to have. */
  readonly attributes: ExecAttributes;
  /** Descriptors that stay open, under their numbers. */
  readonly descriptors: readonly number[];
  /** Whatever else it is to know. */
  readonly message: Bytes;
}

/** What a predecessor in the same process has handed over. */
export type Inheritance = Omit<Legacy, "path" | "argv">;

/** Becoming another version of ourselves in this process: children stay children. */
export interface Succession {
  /** The absolute path by which this process was executed, with links in it as they are. */
  executablePath(): Bytes;
  /**
   * Becomes the successor. Signals that are handled wait for it; all else that is open closes.
   * Returns only by throwing; then nothing has changed.
   */
  succeed(legacy: Legacy): never;
  /**
   * Takes what a predecessor has handed over. The descriptors close on exec from now on.
   *
   * @param environment what this process was started with
   * @returns undefined when there is no predecessor
   */
  takeInheritance(environment: readonly Bytes[]): Inheritance | undefined;
}

/** Accounts and the rights that go with them. */
export interface Accounts {
  /** Looks an account up as the system is told to; null when there is none. */
  findAccount(name: Bytes): Account | null;
  /** All groups that an account belongs to by the system's tables, the primary one included. */
  findGroups(name: Bytes, gid: number): number[];
  /**
   * Takes on an account's groups and its user, for good, and makes sure of it.
   *
   * @param processLimit the limit of processes that programs we run will have, if not ours
   * @throws {SystemError} whose call is `setgroups`, `setgid` or `setuid`: the step that failed
   */
  becomeAccount(account: Account, processLimit?: ResourceLimit): void;
}
