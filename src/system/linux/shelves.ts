/**
 * Shelves for descriptors on Linux: a pair of stream sockets whose messages are one byte long, with
 * a descriptor each, and are never received but looked at (MSG_PEEK with SO_PEEK_OFF), which gives
 * a copy of the descriptor at any place.
 *
 * A descriptor in flight does not count against RLIMIT_NOFILE. The kernel lets a process that has
 * CAP_SYS_ADMIN or CAP_SYS_RESOURCE in the first user namespace have any number in flight, and
 * others as many, with all processes of their user together, as their limit of descriptors.
 *
 * @see unix(7)
 */

import { decode } from "../../base/bytes.ts";
import { ERRNO } from "../../base/errno.ts";
import { CWD, RLIMIT } from "../../base/kernel_constants.ts";
import { ignoreSystemError, SystemError } from "../../base/system_error.ts";
import { decodeLimit, resourceH, RLIMIT_SIZE } from "../../libc/resource_h.ts";
import {
  AF_UNIX,
  MessageHeader,
  MSG,
  SO_PEEK_OFF,
  SOCK,
  socketH,
  SOL_SOCKET,
} from "../../libc/socket_h.ts";
import { unistdH } from "../../libc/unistd_h.ts";
import type { Shelves } from "../kernel.ts";
import { checkResult } from "./check_result.ts";
import { linuxFiles } from "./files.ts";

const CAP_SYS_ADMIN = 1n << 21n;
const CAP_SYS_RESOURCE = 1n << 24n;
/** How the first user namespace maps user ids: all to themselves. @see user_namespaces(7) */
const ALL_IDS = ["0", "0", "4294967295"];
const LONGEST_FILE = 8192;

/** For each look in turn: a new one each time would be much garbage. */
const looking = new MessageHeader(new Uint8Array(1), 1);
const place = new Int32Array(1);
const placeBytes = new Uint8Array(place.buffer);
const dropped = new Uint8Array(1);

function readText(path: string): string {
  const fd = linuxFiles.openRead(CWD, path);
  try {
    const buffer = new Uint8Array(LONGEST_FILE);
    return decode(buffer.subarray(0, Math.max(0, linuxFiles.read(fd, buffer))));
  } finally {
    linuxFiles.close(fd);
  }
}

/** Whether the kernel lets us have any number of descriptors in flight. */
function isUnlimited(): boolean {
  try {
    const ids = readText("/proc/self/uid_map").trim().split(/\s+/);
    const [, effective = "0"] = /^CapEff:\s*([0-9a-f]+)$/m.exec(readText("/proc/self/status")) ??
      [];
    const isFirst = ids.length === ALL_IDS.length && ids.every((id, at) => id === ALL_IDS[at]);
    return isFirst && (BigInt(`0x${effective}`) & (CAP_SYS_ADMIN | CAP_SYS_RESOURCE)) !== 0n;
  } catch (error) {
    ignoreSystemError(error);
    return false;
  }
}

/** {@linkcode Shelves} over the C library. */
export const linuxShelves: Shelves = {
  openShelf() {
    const fds = new Int32Array(2);
    const type = SOCK.STREAM | SOCK.CLOEXEC | SOCK.NONBLOCK;
    checkResult("socketpair", socketH.socketpair(AF_UNIX, type, 0, new Uint8Array(fds.buffer)));
    return { putFd: fds[0]!, findFd: fds[1]! };
  },
  putOnShelf(putFd, fd) {
    const header = new MessageHeader(new Uint8Array(1), 1);
    header.setDescriptors([fd]);
    checkResult("sendmsg", socketH.sendmsg(putFd, header.bytes, MSG.NOSIGNAL));
  },
  findOnShelf(findFd, index) {
    place[0] = index;
    const { length } = placeBytes;
    const option = socketH.setsockopt(findFd, SOL_SOCKET, SO_PEEK_OFF, placeBytes, length);
    checkResult("setsockopt", option);
    looking.renew();
    checkResult("recvmsg", socketH.recvmsg(findFd, looking.bytes, MSG.PEEK | MSG.CMSG_CLOEXEC));
    const [fd] = looking.descriptors();
    // The kernel leaves out what there is no number for.
    if (fd === undefined) throw new SystemError("recvmsg", ERRNO.EMFILE);
    return fd;
  },
  dropFirst: (findFd) => void checkResult("read", unistdH.read(findFd, dropped, 1n)),
  mostOnShelves() {
    if (isUnlimited()) return Infinity;
    const buffer = new Uint8Array(RLIMIT_SIZE);
    checkResult("getrlimit", resourceH.getrlimit(RLIMIT.NOFILE, buffer));
    // Other processes of the user, and messages to them, need some.
    return Math.floor(Number(decodeLimit(buffer).soft) / 2);
  },
};
