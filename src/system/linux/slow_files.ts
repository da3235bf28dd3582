/** File work on a helper thread, on Linux; on the engine's own while no other can be had. */

import { cString } from "../../base/bytes.ts";
import { ERRNO } from "../../base/errno.ts";
import { SystemError } from "../../base/system_error.ts";
import { AT_EMPTY_PATH, AT_STATX_FORCE_SYNC } from "../../libc/fcntl_h.ts";
import { slowUnistdH } from "../../libc/slow_unistd_h.ts";
import { STATX_BASIC_STATS, STATX_SIZE } from "../../libc/stat_h.ts";
import type { SlowFiles } from "../kernel.ts";
import { linuxFiles } from "./files.ts";
import { canUsePool } from "./thread_pool.ts";

/** {@linkcode SlowFiles} over the C library. */
export const linuxSlowFiles: SlowFiles = {
  async writeLater(fd, from) {
    if (!canUsePool()) return linuxFiles.write(fd, from);
    const count = Number(await slowUnistdH.write(fd, from, BigInt(from.length)));
    // The helper thread's error number is out of reach; the same call made here gives one, or works.
    return count >= 0 ? count : linuxFiles.write(fd, from);
  },
  async fsyncLater(fd) {
    if (!canUsePool()) return linuxFiles.fsync(fd);
    if (await slowUnistdH.fsync(fd) >= 0) return;
    linuxFiles.fsync(fd);
    // The kernel tells of a failed write-back only once, so that the second call proves nothing.
    throw new SystemError("fsync", ERRNO.EIO);
  },
  async touchLater(fd) {
    // Without a thread it is better not to ask than to wait.
    if (canUsePool()) await slowUnistdH.futimens(fd, null);
  },
  async statLater(at, path) {
    if (!canUsePool()) return;
    const flags = AT_EMPTY_PATH | AT_STATX_FORCE_SYNC;
    const into = new Uint8Array(STATX_SIZE);
    await slowUnistdH.statx(at, cString(path), flags, STATX_BASIC_STATS, into);
  },
  async renameToItselfLater(at, path) {
    const bytes = cString(path);
    if (canUsePool()) await slowUnistdH.renameat(at, bytes, at, bytes);
  },
};
