/**
 * What the programs and the engines need of the operating system: files. Part of kernel.ts, through
 * which it is imported; what holds for all calls is said there.
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
  /**
   * Moves what waits in a pipe into another one, or into a file. Whatever ends us, each byte is in
   * one of the two.
   *
   * @param length the most to be moved, in bytes
   * @param offset for a file, which is not open for appending: where to, from its beginning, in bytes
   * @returns how much was; 0 at the end of input, WOULD_BLOCK where nothing is there or has room
   */
  splice(fromFd: number, toFd: number, length: number, offset?: number): number;
  /** Whether an open file is on a disk of this machine, or in its memory, as far as that is known. */
  isLocal(fd: number): boolean;
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
