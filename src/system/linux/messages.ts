/** Messages with descriptors on Linux: sequenced-packet sockets. @see unix(7) */

import { ERRNO } from "../../base/errno.ts";
import { SystemError } from "../../base/system_error.ts";
import { lastErrno } from "../../libc/errno_h.ts";
import { AF_UNIX, MessageHeader, MSG, SOCK, socketH } from "../../libc/socket_h.ts";
import { unistdH } from "../../libc/unistd_h.ts";
import type { MessageSockets } from "../kernel.ts";
import { checkResult } from "./check_result.ts";

/** {@linkcode MessageSockets} over the C library. */
export const linuxMessages: MessageSockets = {
  socketPair() {
    const fds = new Int32Array(2);
    const type = SOCK.SEQPACKET | SOCK.CLOEXEC | SOCK.NONBLOCK;
    checkResult("socketpair", socketH.socketpair(AF_UNIX, type, 0, new Uint8Array(fds.buffer)));
    return { ourFd: fds[0]!, theirFd: fds[1]! };
  },
  sendMessage(fd, data, fds) {
    const header = new MessageHeader(data, fds.length);
    header.setDescriptors(fds);
    checkResult("sendmsg", socketH.sendmsg(fd, header.bytes, MSG.NOSIGNAL));
  },
  receiveMessage(fd, longestBytes, mostFds) {
    const header = new MessageHeader(new Uint8Array(longestBytes), mostFds);
    const count = Number(socketH.recvmsg(fd, header.bytes, MSG.CMSG_CLOEXEC));
    if (count < 0) {
      const errno = lastErrno();
      if (errno === ERRNO.EAGAIN || errno === ERRNO.EINTR) return null;
      throw new SystemError("recvmsg", errno);
    }
    const fds = header.descriptors();
    if ((header.flags & (MSG.TRUNC | MSG.CTRUNC)) === 0) {
      return { data: header.data.slice(0, count), fds, isWhole: true };
    }
    // With no room for a descriptor the kernel has dropped some.
    for (const each of fds) unistdH.close(each);
    return { data: header.data.slice(0, count), fds: [], isWhole: false };
  },
};
