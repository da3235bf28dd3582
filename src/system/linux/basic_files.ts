/** What most programs need of files on Linux: all that the small ones load. */

import { type Bytes, concat, cString, encode } from "../../base/bytes.ts";
import { ERRNO } from "../../base/errno.ts";
import { WOULD_BLOCK } from "../../base/kernel_constants.ts";
import { SystemError } from "../../base/system_error.ts";
import { lastErrno } from "../../libc/errno_h.ts";
import { F, fcntlH, O } from "../../libc/fcntl_h.ts";
import { decodeStatx, statH, STATX_BASIC_STATS, STATX_SIZE } from "../../libc/stat_h.ts";
import { unistdH } from "../../libc/unistd_h.ts";
import type { BasicFiles, Path } from "../kernel.ts";
import { checkResult } from "./check_result.ts";

/** Opens a path; it closes on exec. */
export function openAt(at: number, path: Path, flags: number, mode = 0): number {
  return checkResult("open", fcntlH.openat(at, cString(path), flags | O.CLOEXEC, mode));
}

/** Asks for the status of a path; a `struct statx`. */
export function statx(
  at: number,
  path: Path,
  flags: number,
  mask: number = STATX_BASIC_STATS,
): Bytes {
  const buffer = new Uint8Array(STATX_SIZE);
  checkResult("stat", statH.statx(at, cString(path), flags, mask, buffer));
  return buffer;
}

/** {@linkcode BasicFiles} over the C library. */
export const linuxBasicFiles: BasicFiles = {
  openDirectory(at, path) {
    const bytes = typeof path === "string" ? encode(path) : path;
    if (bytes.length === 0) throw new SystemError("chdir", ERRNO.ENOENT);
    // The trailing "/." makes the kernel ask for search permission, as chdir does.
    return openAt(at, concat(bytes, "/."), O.PATH | O.DIRECTORY);
  },
  openRead: (at, path) => openAt(at, path, O.RDONLY | O.NONBLOCK),
  openWrite: (at, path) => openAt(at, path, O.WRONLY | O.NONBLOCK),
  setBlocking(fd) {
    const flags = checkResult("fcntl", fcntlH.fcntl(fd, F.GETFL, 0));
    checkResult("fcntl", fcntlH.fcntl(fd, F.SETFL, flags & ~O.NONBLOCK));
  },
  close: (fd) => void checkResult("close", unistdH.close(fd)),
  read(fd, into) {
    const count = unistdH.read(fd, into, BigInt(into.length));
    if (count === -1n && lastErrno() === ERRNO.EAGAIN) return WOULD_BLOCK;
    return checkResult("read", count);
  },
  write: (fd, from) => checkResult("write", unistdH.write(fd, from, BigInt(from.length))),
  stat: (at, path) => decodeStatx(statx(at, path, 0)),
};
