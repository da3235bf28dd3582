/** Processes that need not be our children, on Linux: what `/proc` tells of them. */

import { type Bytes, cString, decode } from "../../base/bytes.ts";
import { CWD } from "../../base/kernel_constants.ts";
import { ignoreSystemError } from "../../base/system_error.ts";
import { CLOCK_BOOTTIME, timeH, Timespec } from "../../libc/time_h.ts";
import { fcntlH, O } from "../../libc/fcntl_h.ts";
import { PR, prctlH } from "../../libc/prctl_h.ts";
import { unistdH } from "../../libc/unistd_h.ts";
import type { OtherProcesses, ProcessFacts } from "../kernel.ts";
import { checkResult } from "./check_result.ts";
import { linuxFiles } from "./files.ts";

/** Clock ticks that `/proc` counts in a second; the same on every Linux. @see proc_pid_stat(5) */
const TICKS_PER_SECOND = 100;
const STAT_SIZE = 1024;
const ENDED = ["Z", "X", "x"];

/** What a file of `/proc` holds, as far as it fits; undefined when it, or its process, is gone. */
function readProc(path: string, sizeBytes: number): string | undefined {
  try {
    const fd = linuxFiles.openRead(CWD, path);
    try {
      const buffer = new Uint8Array(sizeBytes);
      return decode(buffer.subarray(0, linuxFiles.read(fd, buffer)));
    } finally {
      linuxFiles.close(fd);
    }
  } catch (error) {
    ignoreSystemError(error);
    return undefined;
  }
}

function findProcess(pid: number): ProcessFacts | undefined {
  const stat = readProc(`/proc/${pid}/stat`, STAT_SIZE);
  if (stat === undefined) return undefined;
  // The name is in parentheses and may hold anything; the field behind it is the third.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const field = (number: number): string => fields[number - 3] ?? "";
  const startTicks = Number(field(22));
  if (!Number.isInteger(startTicks)) return undefined;
  return {
    pid,
    parentPid: Number(field(4)),
    sessionId: Number(field(6)),
    startTicks,
    hasEnded: ENDED.includes(field(3)),
  };
}

function decodeUuid(text: string): Bytes {
  const digits = text.replaceAll("-", "");
  return Uint8Array.from({ length: 16 }, (_, at) => parseInt(digits.slice(2 * at, 2 * at + 2), 16));
}

/** {@linkcode OtherProcesses} over `/proc`. */
export function linuxOtherProcesses(): OtherProcesses {
  let bootId: Bytes | undefined;
  return {
    bootId: () => bootId ??= decodeUuid(readProc("/proc/sys/kernel/random/boot_id", 64) ?? ""),
    bootTicks() {
      const time = new Timespec();
      checkResult("clock_gettime", timeH.clock_gettime(CLOCK_BOOTTIME, time.bytes));
      const { seconds, nanoseconds } = time;
      return seconds * TICKS_PER_SECOND + Math.floor(nanoseconds * TICKS_PER_SECOND / 1e9);
    },
    sessionId: () => checkResult("getsid", unistdH.getsid(0)),
    adoptOrphans() {
      checkResult("prctl", prctlH.prctl(PR.SET_CHILD_SUBREAPER, 1n, 0n, 0n, 0n));
    },
    findProcess,
    processesSince(ticks) {
      const pids = linuxFiles.readDirectory(CWD, "/proc").map((name) => Number(decode(name)));
      const found = pids.filter((pid) => pid > 0).map(findProcess);
      return found.filter((facts) => facts !== undefined && facts.startTicks >= ticks)
        .map((facts) => facts!);
    },
    reopenPipe(pid, fd) {
      // Opened for both, a pipe never makes us wait for who has the other end.
      const bothFd = linuxFiles.openReadWrite(CWD, `/proc/${pid}/fd/${fd}`);
      const again = cString(`/proc/self/fd/${bothFd}`);
      let readFd = -1;
      try {
        readFd = checkResult("open", fcntlH.openat(CWD, again, O.RDONLY | O.CLOEXEC, 0));
        const writeFd = checkResult("open", fcntlH.openat(CWD, again, O.WRONLY | O.CLOEXEC, 0));
        return { readFd, writeFd };
      } catch (error) {
        if (readFd >= 0) linuxFiles.close(readFd);
        throw error;
      } finally {
        linuxFiles.close(bothFd);
      }
    },
  };
}
