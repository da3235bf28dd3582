/**
 * What the programs and the engines need of the operating system, as interfaces: the one seam
 * between them and Linux. Everything above takes these as parameters, so that it also runs on a
 * fake kernel with a virtual clock.
 *
 * Every call that can fail throws a SystemError. Descriptors are close-on-exec unless a comment
 * says otherwise. A path is relative to the directory descriptor given with it.
 *
 * Length: the whole seam in one place, with a line or two about each call.
 */

import type { Bytes } from "../base/bytes.ts";
import type { Timestamp } from "../base/tai64n.ts";

/** A path: bytes from outside, or a name that we chose. */
export type Path = string | Bytes;

/** Sorts of files that the programs tell apart. */
export type FileKind = "directory" | "file" | "fifo" | "link" | "other";

/** What the programs need to know of a file. */
export interface FileStatus {
  /** Number of its file system. */
  readonly device: number;
  /** Its number in that file system. */
  readonly inode: bigint;
  /** What sort of file it is. */
  readonly kind: FileKind;
  /** Permission bits: `st_mode` without the type. */
  readonly permissions: number;
  /** Number of names that it has. */
  readonly links: number;
  /** Length in bytes. */
  readonly size: number;
  /** User who owns it. */
  readonly uid: number;
}

/** When a file was made and changed, as far as its file system tells. */
export interface FileTimes {
  /** When its contents changed last; of a directory, when a name in it did. */
  readonly modified: Timestamp;
  /** When its contents were read last, or what {@linkcode Files.setAccessTime} has set. */
  readonly accessed: Timestamp;
  /** When it was made. */
  readonly created?: Timestamp | undefined;
}

/** What tells a file from all others, as long as it is there. */
export type FileIdentity = Pick<FileStatus, "device" | "inode">;

/** What most programs need of files. All opens are non-blocking, as daemontools' are. */
export interface BasicFiles {
  /** Opens a directory for use as `at`, wanting what chdir wants: search permission. */
  openDirectory(at: number, path: Path): number;
  /** Opens for reading. */
  openRead(at: number, path: Path): number;
  /** Opens an existing file for writing. */
  openWrite(at: number, path: Path): number;
  /** Lets reads and writes of a descriptor, and of all that share its opening, wait. */
  setBlocking(fd: number): void;
  /** Closes a descriptor. */
  close(fd: number): void;
  /** Reads what there is, up to the buffer's size; 0 is end of file, WOULD_BLOCK nothing now. */
  read(fd: number, into: Bytes): number;
  /** Writes; returns how many bytes were taken. */
  write(fd: number, from: Bytes): number;
  /** Status of a path, following links. */
  stat(at: number, path: Path): FileStatus;
}

/** Files and directories. */
export interface Files extends BasicFiles {
  /** Makes a directory the working directory of this whole process. */
  changeDirectory(path: Path): void;
  /** Opens for reading and writing; a FIFO opened so never reaches end of file. */
  openReadWrite(at: number, path: Path): number;
  /** Opens for appending; makes the file with mode 0600 less the umask. */
  openAppend(at: number, path: Path): number;
  /** Opens for writing from nothing; makes the file with mode 0644 less the umask. */
  openTruncate(at: number, path: Path): number;
  /** Gives a descriptor a second number, which a program that we become has too. */
  duplicate(fd: number, to: number): void;
  /** A second descriptor for what one leads to. */
  copyDescriptor(fd: number): number;
  /** Has a descriptor lead to /dev/null, for reading if it is standard input, else for writing. */
  redirectToNull(fd: number): void;
  /** As `read`, but where there is nothing it does not wait: also for a descriptor that would. */
  readNow(fd: number, into: Bytes): number;
  /** As `write`, but at an offset from the file's beginning, in bytes. */
  writeAt(fd: number, from: Bytes, offset: number): number;
  /** Cuts a file that is open for writing to a size in bytes. */
  truncate(fd: number, size: number): void;
  /** Moves to an offset from the file's beginning, in bytes. */
  seek(fd: number, offset: number): void;
  /** Puts the file's data on the disk. */
  fsync(fd: number): void;
  /** Sets permission bits. */
  fchmod(fd: number, mode: number): void;
  /** Status of a path, of the link itself when it is one. */
  statLink(at: number, path: Path): FileStatus;
  /** Status of an open file. */
  statFd(fd: number): FileStatus;
  /** Whether a path, links followed, leads to this very file: what costs least to ask often. */
  leadsTo(at: number, path: Path, file: FileIdentity): boolean;
  /** Whether we may execute a path, as execve sees it, links followed. */
  isExecutable(at: number, path: Path): boolean;
  /** Times of a path, following links. */
  fileTimes(at: number, path: Path): FileTimes;
  /** Sets the time of an open file's last change to the present; for its owner. */
  touch(fd: number): void;
  /** Sets the time when an open file was read last; for its owner. */
  setAccessTime(fd: number, time: Timestamp): void;
  /** Makes a directory. */
  mkdir(at: number, path: Path, mode: number): void;
  /** Makes a FIFO. */
  mkfifo(at: number, path: Path, mode: number): void;
  /** Removes a name. */
  unlink(at: number, path: Path): void;
  /** Gives a file one more name. */
  link(at: number, from: Path, to: Path): void;
  /** Renames, replacing what has the new name. */
  rename(at: number, from: Path, to: Path): void;
  /** Where a symbolic link points. */
  readLink(at: number, path: Path): Bytes;
  /** Names in a directory but `.` and `..`, in the order the file system gives them. */
  readDirectory(at: number, path: Path): Bytes[];
  /** Locks the whole file; `wait` false fails with EAGAIN when another holds the lock. */
  lock(fd: number, wait: boolean): void;
  /** Makes a pipe. */
  pipe(): { readFd: number; writeFd: number };
  /**
   * Copies what waits in a pipe into another one; it stays in the first one as well.
   *
   * @param length the most to be copied, in bytes
   * @returns how much was; 0 at the end of input, WOULD_BLOCK where nothing is there or has room
   */
  tee(fromFd: number, toFd: number, length: number): number;
  /** How many bytes wait in a pipe. */
  bytesWaiting(fd: number): number;
  /** Whether something at most 4096 bytes long could be written now without waiting. */
  isWritable(fd: number): boolean;
  /**
   * Waits until a descriptor can be read, and holds up the whole process meanwhile: for programs
   * that have nothing else to do.
   */
  waitReadable(fd: number): void;
  /** Sets the mode bits that new files do not get; returns the earlier ones. */
  umask(mask: number): number;
}

/** File work that may take long, done on a helper thread while the event loop goes on. */
export interface SlowFiles {
  /**
   * Writes; resolves to how many bytes were taken.
   *
   * @param from left alone until then
   */
  writeLater(fd: number, from: Bytes): Promise<number>;
  /** Puts the file's data on the disk. */
  fsyncLater(fd: number): Promise<void>;
  /**
   * Sets the times of an open file to now, which waits as long as its file system takes no changes.
   * That it cannot be done is no failure: the file system has answered.
   */
  touchLater(fd: number): Promise<void>;
  /**
   * Asks for the status of a path where it is stored, which waits as long as that does not answer.
   * What the answer is does not matter.
   */
  statLater(at: number, path: Path): Promise<void>;
  /**
   * Renames a path to itself. That changes nothing, whether it is there or not, and waits as long
   * as its file system takes no changes.
   */
  renameToItselfLater(at: number, path: Path): Promise<void>;
}

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
  /**
   * Raises the soft limit of open descriptors to the hard one, and that one to what is enough
   * where we have the right. Children keep the earlier ones.
   */
  raiseDescriptorLimit(): void;
  /** Limits of this process. */
  getLimit(resource: number): ResourceLimit;
  /** Sets limits of this process. */
  setLimit(resource: number, limit: ResourceLimit): void;
  /** Our process id. */
  pid(): number;
  /** Gives memory back that was needed for a while and is not any more. */
  releaseMemory(): void;
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

/** A wait for nothing, so that there is more to find after it. */
export interface PollPause {
  /** How long it is, in milliseconds, unless it is ended. */
  readonly ms: number;
  /**
   * Whether it holds up the whole process, which costs far less: for when nothing else can come
   * that would not be found after it just as well.
   */
  readonly holdsUp: boolean;
}

/** Waits for many descriptors at once. */
export interface Poller {
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
   * @param pause if present, it is not looked before that is over, and once only
   * @returns the numbers of what is readable, maybe none
   */
  wait(timeoutMs: number, pause?: PollPause): Promise<number[]>;
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

/** What programs use that run another program. */
export interface ProgramKernel extends FileKernel, Files, Processes, Accounts {}

/** What is left of a file system for whoever asks. */
export interface FreeSpace {
  /** Bytes that can still be written. */
  readonly freeBytes: number;
  /** Files that can still be made. */
  readonly freeFiles: number;
}

/** File systems. */
export interface FileSystems {
  /** What is left of the file system that a path is on. */
  freeSpace(path: Path): FreeSpace;
}

/** The whole kernel interface. */
export interface Kernel
  extends
    ProgramKernel,
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
