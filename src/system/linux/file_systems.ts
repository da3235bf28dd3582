/** How full file systems are, on Linux. */

import { cString } from "../../base/bytes.ts";
import { decodeStatvfs, statH, STATVFS_SIZE } from "../../libc/stat_h.ts";
import type { FileSystems } from "../kernel.ts";
import { checkResult } from "./check_result.ts";

/** {@linkcode FileSystems} by statvfs. */
export const linuxFileSystems: FileSystems = {
  freeSpace(path) {
    const buffer = new Uint8Array(STATVFS_SIZE);
    checkResult("statvfs", statH.statvfs(cString(path), buffer));
    return decodeStatvfs(buffer);
  },
};
