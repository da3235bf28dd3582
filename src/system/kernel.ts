/**
 * What the programs and the engines need of the operating system, as interfaces: the one seam
 * between them and Linux. Everything above takes these as parameters, so that it also runs on a
 * fake kernel with a virtual clock.
 *
 * Every call that can fail throws a SystemError. Descriptors are close-on-exec unless a comment
 * says otherwise. A path is relative to the directory descriptor given with it.
 */

import type { Bytes } from "../base/bytes.ts";
import type { Timestamp } from "../base/tai64n.ts";
import type { BasicFiles, Files, FileSystems, Path, SlowFiles } from "./kernel_files.ts";
import type {
  Accounts,
  Execution,
  OtherProcesses,
  Processes,
  Succession,
} from "./kernel_processes.ts";

export type * from "./kernel_files.ts";
export type * from "./kernel_processes.ts";

/** Clocks. */
export interface Clock {
  /** Real time. */
  now(): Timestamp;
  /** Milliseconds on a clock that nobody sets. */
  monotonicMs(): number;
}

/** A point of time on the clock of a place. */
export interface LocalTime {
  /** The year; may be negative. */
  readonly year: number;
  /** 1 to 12. */
  readonly month: number;
  /** 1 to 31. */
  readonly day: number;
  /** 0 to 23. */
  readonly hour: number;
  /** 0 to 59. */
  readonly minute: number;
  /** 0 to 60. */
  readonly second: number;
  /** How far the place is ahead of UTC, in seconds. */
  readonly offsetSeconds: number;
}

/** The time where we are. */
export interface LocalClock {
  /**
   * What `TZ`, or else the system's zone, makes of a point of time.
   *
   * @param seconds since 1970-01-01 UTC, 64 bits
   * @returns null when there is no such year
   */
  localTime(seconds: bigint): LocalTime | null;
}

/** How a poller waits. */
export interface PollManner {
  /**
   * So long, in milliseconds, it waits for nothing, so that there is more to find when it looks
   * after that, once only; 0 to wait for what is readable.
   */
  readonly pauseMs: number;
  /**
   * Whether the wait holds up the whole process, which costs far less: for when nothing else can
   * come that would not be found after it just as well.
   */
  readonly holdsUp: boolean;
}

/** Waits for many descriptors at once. */
export interface Poller {
  /**
   * How often the runtime is known to have had its turn, by which all has gone on that promises had
   * to go on with. It is counted during waits with a manner that do not hold up the process.
   */
  readonly turns: number;
  /**
   * Starts to watch a descriptor for input. It is watched as long as anybody has open what it leads
   * to, also when it is closed itself.
   *
   * @param number by which `wait` names it; its own unless given
   */
  add(fd: number, number?: number): void;
  /** Stops watching it; to be called before it is closed. */
  remove(fd: number): void;
  /**
   * Waits until a watched descriptor is readable.
   *
   * @param timeoutMs at most this long; -1 for ever
   * @param manner without a pause, and without holding up the process, if absent
   * @returns the numbers of what is readable, maybe none
   */
  wait(timeoutMs: number, manner?: PollManner): Promise<number[]>;
  /** Ends a wait that is under way. */
  wake(): void;
}

/** A change that a {@linkcode ChangeWatcher} noticed. */
export interface Change {
  /** The number that `add` returned; -1 when changes were lost and everything is to be looked at. */
  readonly watch: number;
  /** The name that came, went or was written to; empty when it is the directory itself. */
  readonly name: Bytes;
}

/** Notices what happens in many directories, through one descriptor. */
export interface ChangeWatcher {
  /** Readable after changes. */
  readonly fd: number;
  /** Watches a directory: names that come and go, files written to and closed after writing. */
  add(path: Path): number;
  /**
   * Watches a directory for names that come, go or change their rights, and for nothing else.
   *
   * @param at the directory descriptor that `path` is relative to
   */
  addNames(at: number, path: Path): number;
  /** Stops watching it; one that is gone may be given too. */
  remove(watch: number): void;
  /** Takes up what was noticed so far. */
  read(): Change[];
  /** Stops watching everything. */
  close(): void;
}

/** A message, as received. */
export interface ReceivedMessage {
  /** What it says; empty at the end, when nobody can send any more. */
  readonly data: Bytes;
  /** Descriptors that came with it. They are the receiver's to close. */
  readonly fds: readonly number[];
  /** False when the message was too long, or there was no room for its descriptors. */
  readonly isWhole: boolean;
}

/** Messages, with descriptors in them, between two processes. */
export interface MessageSockets {
  /** Makes two sockets that lead to each other. Neither ever waits. */
  socketPair(): { ourFd: number; theirFd: number };
  /**
   * Sends a message, whole or not at all.
   *
   * @throws {SystemError} EAGAIN when there is no room; EPIPE when nobody can receive it
   */
  sendMessage(fd: number, data: Bytes, fds: readonly number[]): void;
  /**
   * Receives a message.
   *
   * @param longestBytes as long as a message may be
   * @param mostFds as many descriptors as may come with it
   * @returns null when there is none now
   */
  receiveMessage(fd: number, longestBytes: number, mostFds: number): ReceivedMessage | null;
}

/**
 * Shelves for descriptors: what is on one stays open, with its locks, and does not count as an open
 * descriptor of ours. A shelf costs two descriptors itself, and all on it is let go with them.
 */
export interface Shelves {
  /** Makes an empty shelf: what is put in at one of its descriptors is found at the other. */
  openShelf(): { putFd: number; findFd: number };
  /**
   * Puts a descriptor on a shelf, behind all that is there. It may then be closed.
   *
   * @throws {SystemError} EAGAIN when the shelf is full, ETOOMANYREFS when too much is on shelves
   */
  putOnShelf(putFd: number, fd: number): void;
  /**
   * A new descriptor for what is on a shelf, and stays there.
   *
   * @param index its place, from 0
   */
  findOnShelf(findFd: number, index: number): number;
  /** Lets go of the first that is on a shelf. */
  dropFirst(findFd: number): void;
  /** How many descriptors may be on all shelves together; Infinity where there is no such limit. */
  mostOnShelves(): number;
}

/** A message with its sender. */
export interface ReceivedNotification {
  /** The data; cut off where it was longer than was asked for. */
  readonly data: Bytes;
  /** Who has sent it, as the kernel tells; 0 if it does not. */
  readonly senderPid: number;
  /** Its user. */
  readonly senderUid: number;
  /** Descriptors that came with it, which are ours from now on. */
  readonly fds: readonly number[];
}

/** Sockets at which anybody on this machine can report. */
export interface NotifySockets {
  /**
   * Opens a datagram socket with an abstract name.
   *
   * @param name without the leading NUL
   * @throws {SystemError} EADDRINUSE when another has the name
   */
  openNotifySocket(name: Bytes): number;
  /** Receives a message; null when there is none now. */
  receiveNotification(fd: number, longestBytes: number): ReceivedNotification | null;
}

/** The signals that programs of the suite handle. */
export type HandledSignal =
  | "SIGTERM"
  | "SIGINT"
  | "SIGALRM"
  | "SIGHUP"
  | "SIGCHLD"
  | "SIGUSR1"
  | "SIGUSR2";

/** Signals to this process. They arrive while a poller waits. */
export interface Signals {
  /**
   * Calls `handler` whenever the signal arrives, in place of its default action; also when our
   * caller had blocked it. To be called before anything is waited for.
   */
  onSignal(name: HandledSignal, handler: () => void): void;
}

/** What programs use that do little, and that should start at once. */
export interface FileKernel extends BasicFiles, Clock {}

/** What programs use that become another program. */
export interface ProgramKernel extends FileKernel, Files, Execution, Accounts {}

/** What programs use that start another program. */
export interface ProcessKernel extends ProgramKernel, Processes {}

/** The whole kernel interface. */
export interface Kernel
  extends
    ProcessKernel,
    SlowFiles,
    OtherProcesses,
    Succession,
    LocalClock,
    MessageSockets,
    NotifySockets,
    Shelves,
    FileSystems,
    Signals {
  /** A new set of watched descriptors. */
  newPoller(): Poller;
  /** A new set of watched directories. */
  newChangeWatcher(): ChangeWatcher;
}
