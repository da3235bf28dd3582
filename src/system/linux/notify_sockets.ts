/** Datagram sockets with abstract names on Linux, whose messages tell their sender. @see unix(7) */

import { ERRNO } from "../../base/errno.ts";
import { SystemError } from "../../base/system_error.ts";
import { lastErrno } from "../../libc/errno_h.ts";
import {
  AF_UNIX,
  encodeAbstractAddress,
  MessageHeader,
  MSG,
  SO_PASSCRED,
  SOCK,
  socketH,
  SOL_SOCKET,
} from "../../libc/socket_h.ts";
import { unistdH } from "../../libc/unistd_h.ts";
import type { NotifySockets } from "../kernel.ts";
import { checkResult } from "./check_result.ts";

/** As many descriptors may come with a message; the kernel drops what is more. */
const MOST_FDS = 4;

/** {@linkcode NotifySockets} over the C library. */
export const linuxNotifySockets: NotifySockets = {
  openNotifySocket(name) {
    const type = SOCK.DGRAM | SOCK.CLOEXEC | SOCK.NONBLOCK;
    const fd = checkResult("socket", socketH.socket(AF_UNIX, type, 0));
    try {
      const yes = new Uint8Array(Int32Array.of(1).buffer);
      const level = SOL_SOCKET;
      checkResult("setsockopt", socketH.setsockopt(fd, level, SO_PASSCRED, yes, yes.length));
      const address = encodeAbstractAddress(name);
      checkResult("bind", socketH.bind(fd, address, address.length));
      return fd;
    } catch (error) {
      unistdH.close(fd);
      throw error;
    }
  },
  receiveNotification(fd, longestBytes) {
    const header = new MessageHeader(new Uint8Array(longestBytes), MOST_FDS, true);
    const count = Number(socketH.recvmsg(fd, header.bytes, MSG.CMSG_CLOEXEC));
    if (count >= 0) {
      const data = header.data.slice(0, count);
      const { pid: senderPid, uid: senderUid } = header.sender();
      return { data, senderPid, senderUid, fds: header.descriptors() };
    }
    const errno = lastErrno();
    if (errno === ERRNO.EAGAIN || errno === ERRNO.EINTR) return null;
    throw new SystemError("recvmsg", errno);
  },
};
