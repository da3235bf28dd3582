/** File work on a helper thread, on Linux; on the engine's own while no other can be had. */

import { ERRNO } from "../../base/errno.ts";
import { SystemError } from "../../base/system_error.ts";
import { slowUnistdH } from "../../libc/slow_unistd_h.ts";
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
};
