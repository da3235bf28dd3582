/** Files and directories on Linux. */

import { type Bytes, cString, EMPTY } from "../../base/bytes.ts";
import { ERRNO } from "../../base/errno.ts";
import { CWD, WOULD_BLOCK } from "../../base/kernel_constants.ts";
import { lastErrno } from "../../libc/errno_h.ts";
import {
  AT_EMPTY_PATH,
  AT_SYMLINK_NOFOLLOW,
  F,
  fcntlH,
  LOCK,
  O,
  SPLICE_F_NONBLOCK,
} from "../../libc/fcntl_h.ts";
import { FIONREAD, ioctlH } from "../../libc/ioctl_h.ts";
import { encodePollfd, POLL, pollEvents, pollH } from "../../libc/poll_h.ts";
import {
  decodeStatfsType,
  decodeStatx,
  decodeStatxTimes,
  encodeTimes,
  isStatxOf,
  LOCAL_TYPES,
  STATFS_SIZE,
  statH,
  STATX_BASIC_STATS,
  STATX_BTIME,
  STATX_INO,
  STATX_SIZE,
} from "../../libc/stat_h.ts";
import { HERE, IoVector, RWF_NOWAIT, uioH } from "../../libc/uio_h.ts";
import { AT_EACCESS, unistdH, X_OK } from "../../libc/unistd_h.ts";
import type { Files, Path } from "../kernel.ts";
import { linuxBasicFiles, openAt, statx } from "./basic_files.ts";
import { checkResult } from "./check_result.ts";

const DIRECTORY_BUFFER_SIZE = 32768;
const LINK_BUFFER_SIZE = 4096;

function poll(fd: number, events: number, timeoutMs: number): number {
  const pollfd = encodePollfd(fd, events);
  checkResult("poll", pollH.poll(pollfd, 1n, timeoutMs));
  return pollEvents(pollfd);
}

/** The names in a buffer that getdents64 filled. @see linux/dirent.h, struct linux_dirent64 */
function decodeEntries(buffer: Bytes): Bytes[] {
  const names: Bytes[] = [];
  const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
  for (let at = 0; at < buffer.length; at += view.getUint16(at + 16, true)) {
    const start = at + 19;
    const name = buffer.slice(start, buffer.indexOf(0, start));
    const dots = name[0] === 0x2e && (name.length === 1 || (name.length === 2 && name[1] === 0x2e));
    if (!dots) names.push(name);
  }
  return names;
}

/** What `leadsTo` has found: thousands of services are looked at every few seconds. */
const found = new Uint8Array(STATX_SIZE);
const foundView = new DataView(found.buffer);
/** Paths that it was asked for, as C has them. */
const cStrings = new WeakMap<Bytes, Bytes>();

function keptCString(path: Path): Bytes {
  if (typeof path === "string") return cString(path);
  let kept = cStrings.get(path);
  if (kept === undefined) cStrings.set(path, kept = cString(path));
  return kept;
}

/** For each read in turn: a new one each time would be much garbage. */
const vector = new IoVector();

/** {@linkcode Files} over the C library. */
export const linuxFiles: Files = {
  ...linuxBasicFiles,
  changeDirectory: (path) => void checkResult("chdir", unistdH.chdir(cString(path))),
  openReadWrite: (at, path) => openAt(at, path, O.RDWR | O.NONBLOCK),
  openAppend: (at, path) => openAt(at, path, O.WRONLY | O.NONBLOCK | O.APPEND | O.CREAT, 0o600),
  openTruncate: (at, path) => openAt(at, path, O.WRONLY | O.NONBLOCK | O.TRUNC | O.CREAT, 0o644),
  duplicate: (fd, to) => void checkResult("dup2", unistdH.dup2(fd, to)),
  copyDescriptor: (fd) => checkResult("fcntl", fcntlH.fcntl(fd, F.DUPFD_CLOEXEC, 3)),
  redirectToNull(fd) {
    const nullFd = openAt(CWD, "/dev/null", fd === 0 ? O.RDONLY : O.WRONLY);
    checkResult("dup2", unistdH.dup2(nullFd, fd));
    checkResult("close", unistdH.close(nullFd));
  },
  readNow(fd, into) {
    vector.point(into);
    const count = uioH.preadv2(fd, vector.bytes, 1, HERE, RWF_NOWAIT);
    if (count >= 0) return Number(count);
    // Older kernels cannot do that with pipes, nor any with each device; a file on the disk is
    // never something to wait for. Where it is an error, the plain read has it too.
    return poll(fd, POLL.IN, 0) === 0 ? WOULD_BLOCK : linuxFiles.read(fd, into);
  },
  writeAt: (fd, from, offset) =>
    checkResult("write", unistdH.pwrite(fd, from, BigInt(from.length), BigInt(offset))),
  truncate: (fd, size) => void checkResult("truncate", unistdH.ftruncate(fd, BigInt(size))),
  seek: (fd, offset) => void checkResult("lseek", unistdH.lseek(fd, BigInt(offset), 0)),
  fsync: (fd) => void checkResult("fsync", unistdH.fsync(fd)),
  fchmod: (fd, mode) => void checkResult("fchmod", statH.fchmod(fd, mode)),
  statLink: (at, path) => decodeStatx(statx(at, path, AT_SYMLINK_NOFOLLOW)),
  statFd: (fd) => decodeStatx(statx(fd, EMPTY, AT_EMPTY_PATH)),
  leadsTo(at, path, { device, inode }) {
    const result = statH.statx(at, keptCString(path), 0, STATX_INO, found);
    if (result < 0) checkResult("stat", result);
    return isStatxOf(foundView, device, inode);
  },
  fileTimes: (at, path) => decodeStatxTimes(statx(at, path, 0, STATX_BASIC_STATS | STATX_BTIME)),
  touch: (fd) => void checkResult("futimens", statH.futimens(fd, encodeTimes(undefined, "now"))),
  setAccessTime: (fd, time) =>
    void checkResult("futimens", statH.futimens(fd, encodeTimes(time, "as it is"))),
  isExecutable: (at, path) => unistdH.faccessat(at, cString(path), X_OK, AT_EACCESS) === 0,
  mkdir: (at, path, mode) => void checkResult("mkdir", statH.mkdirat(at, cString(path), mode)),
  mkfifo: (at, path, mode) => void checkResult("mkfifo", statH.mkfifoat(at, cString(path), mode)),
  unlink: (at, path) => void checkResult("unlink", unistdH.unlinkat(at, cString(path), 0)),
  link: (at, from, to) =>
    void checkResult("link", unistdH.linkat(at, cString(from), at, cString(to), 0)),
  rename: (at, from, to) =>
    void checkResult("rename", unistdH.renameat(at, cString(from), at, cString(to))),
  readLink(at, path) {
    const buffer = new Uint8Array(LINK_BUFFER_SIZE);
    const size = BigInt(buffer.length);
    const length = checkResult("readlink", unistdH.readlinkat(at, cString(path), buffer, size));
    return buffer.slice(0, length);
  },
  readDirectory(at, path) {
    const fd = openAt(at, path, O.RDONLY | O.DIRECTORY);
    try {
      const names: Bytes[] = [];
      const buffer = new Uint8Array(DIRECTORY_BUFFER_SIZE);
      for (;;) {
        const size = BigInt(buffer.length);
        const filled = checkResult("readdir", unistdH.getdents64(fd, buffer, size));
        if (filled === 0) return names;
        names.push(...decodeEntries(buffer.subarray(0, filled)));
      }
    } finally {
      unistdH.close(fd);
    }
  },
  lock: (fd, wait) =>
    void checkResult("flock", fcntlH.flock(fd, wait ? LOCK.EX : LOCK.EX | LOCK.NB)),
  pipe() {
    const fds = new Int32Array(2);
    checkResult("pipe", unistdH.pipe2(new Uint8Array(fds.buffer), O.CLOEXEC));
    return { readFd: fds[0]!, writeFd: fds[1]! };
  },
  tee(fromFd, toFd, length) {
    const count = fcntlH.tee(fromFd, toFd, BigInt(length), SPLICE_F_NONBLOCK);
    if (count === -1n && lastErrno() === ERRNO.EAGAIN) return WOULD_BLOCK;
    return checkResult("tee", count);
  },
  splice(fromFd, toFd, length, offset) {
    const to = offset === undefined
      ? null
      : new Uint8Array(new BigInt64Array([BigInt(offset)]).buffer);
    const count = fcntlH.splice(fromFd, null, toFd, to, BigInt(length), SPLICE_F_NONBLOCK);
    if (count === -1n && lastErrno() === ERRNO.EAGAIN) return WOULD_BLOCK;
    return checkResult("splice", count);
  },
  isLocal(fd) {
    const buffer = new Uint8Array(STATFS_SIZE);
    checkResult("statfs", statH.fstatfs(fd, buffer));
    return LOCAL_TYPES.includes(decodeStatfsType(buffer));
  },
  bytesWaiting(fd) {
    const count = new Int32Array(1);
    checkResult("ioctl", ioctlH.ioctl(fd, FIONREAD, new Uint8Array(count.buffer)));
    return count[0]!;
  },
  isWritable: (fd) => (poll(fd, POLL.OUT, 0) & POLL.OUT) !== 0,
  waitReadable: (fd) => void poll(fd, POLL.IN, -1),
  umask: (mask) => statH.umask(mask),
};
