/** `<sys/socket.h>`: pairs of sockets, and messages that carry descriptors. Values for x86-64 Linux. */

import type { Bytes } from "../base/bytes.ts";
import { bind } from "./loader.ts";
import { addressOf } from "./memory.ts";

/** Functions of `<sys/socket.h>`. */
export const socketH = bind({
  socketpair: { parameters: ["i32", "i32", "i32", "buffer"], result: "i32" }, // int socketpair(int domain, int type, int protocol, int *fds)
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" }, // int socket(int domain, int type, int protocol)
  bind: { parameters: ["i32", "buffer", "u32"], result: "i32" }, // int bind(int fd, const struct sockaddr *address, socklen_t length)
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" }, // int setsockopt(int fd, int level, int name, const void *value, socklen_t length)
  sendmsg: { parameters: ["i32", "buffer", "i32"], result: "isize" }, // ssize_t sendmsg(int fd, const struct msghdr *message, int flags)
  recvmsg: { parameters: ["i32", "buffer", "i32"], result: "isize" }, // ssize_t recvmsg(int fd, struct msghdr *message, int flags)
});

/** Socket domain: this machine. */
export const AF_UNIX = 1;
/** Socket types, and what may be added to them. */
export const SOCK = {
  STREAM: 1,
  DGRAM: 2,
  SEQPACKET: 5,
  NONBLOCK: 0o4000,
  CLOEXEC: 0o2000000,
} as const;
/** Flags of messages. */
export const MSG = {
  PEEK: 0x2,
  CTRUNC: 0x8,
  TRUNC: 0x20,
  NOSIGNAL: 0x4000,
  CMSG_CLOEXEC: 0x40000000,
} as const;

/** Level of options of every socket. */
export const SOL_SOCKET = 1;
/** Option: messages tell who has sent them. */
export const SO_PASSCRED = 16;
/** Option: how far behind the beginning a look (MSG_PEEK) begins, in bytes. @see socket(7) */
export const SO_PEEK_OFF = 42;
const SCM_RIGHTS = 1;
const SCM_CREDENTIALS = 2;
const UCRED_SIZE = 12;
const SUN_PATH_SIZE = 108;
const MSGHDR_SIZE = 56;
const IOVEC_SIZE = 16;
const CMSGHDR_SIZE = 16;
const FD_SIZE = 4;

/**
 * A `struct msghdr` with one piece of data and room for descriptors. It holds all that it points
 * to, so keeping it alive is enough.
 *
 * @see sendmsg(2), cmsg(3), unix(7)
 */
export class MessageHeader {
  /** The structure itself. */
  readonly bytes: Bytes = new Uint8Array(MSGHDR_SIZE);
  readonly #view = new DataView(this.bytes.buffer);
  readonly #vector: Bytes = new Uint8Array(IOVEC_SIZE);
  readonly #control: Bytes;
  readonly #data: Bytes;

  /**
   * @param data what is sent, or where what is received goes
   * @param fdCount how many descriptors there are, or may be
   * @param hasSender whether its sender comes with it
   */
  constructor(data: Bytes, fdCount: number, hasSender = false) {
    this.#data = data;
    const forFds = CMSGHDR_SIZE + Math.ceil(fdCount / 2) * 2 * FD_SIZE;
    const forSender = hasSender ? CMSGHDR_SIZE + aligned(UCRED_SIZE) : 0;
    this.#control = new Uint8Array(forFds + forSender);
    const vector = new DataView(this.#vector.buffer);
    vector.setBigUint64(0, addressOf(data), true);
    vector.setBigUint64(8, BigInt(data.length), true);
    this.#view.setBigUint64(16, addressOf(this.#vector), true);
    this.#view.setBigUint64(24, 1n, true);
    if (fdCount === 0 && !hasSender) return;
    this.#view.setBigUint64(32, addressOf(this.#control), true);
    this.#view.setBigUint64(40, BigInt(this.#control.length), true);
  }

  /** Makes it ready to receive once more. */
  renew(): void {
    this.#view.setBigUint64(40, BigInt(this.#control.length), true);
  }

  /** Puts descriptors in; as many as there is room for. */
  setDescriptors(fds: readonly number[]): void {
    if (fds.length === 0) return;
    const control = new DataView(this.#control.buffer);
    control.setBigUint64(0, BigInt(CMSGHDR_SIZE + fds.length * FD_SIZE), true);
    control.setInt32(8, SOL_SOCKET, true);
    control.setInt32(12, SCM_RIGHTS, true);
    fds.forEach((fd, index) => control.setInt32(CMSGHDR_SIZE + index * FD_SIZE, fd, true));
  }

  /** The descriptors of a received message, which are ours from now on. */
  descriptors(): number[] {
    const rights = this.#controlData(SCM_RIGHTS);
    if (rights === undefined) return [];
    const count = Math.floor(rights.byteLength / FD_SIZE);
    return Array.from({ length: count }, (_, i) => rights.getInt32(i * FD_SIZE, true));
  }

  /** Process and user that have sent a received message; 0 and -1 when that did not come with it. */
  sender(): { pid: number; uid: number } {
    const credentials = this.#controlData(SCM_CREDENTIALS);
    if (credentials === undefined) return { pid: 0, uid: -1 };
    return { pid: credentials.getInt32(0, true), uid: credentials.getUint32(4, true) };
  }

  /** What came beside the data under a number, of the first of that kind. */
  #controlData(type: number): DataView | undefined {
    const end = Math.min(this.#control.length, Number(this.#view.getBigUint64(40, true)));
    const control = new DataView(this.#control.buffer);
    for (let at = 0; at + CMSGHDR_SIZE <= end;) {
      const length = Number(control.getBigUint64(at, true));
      if (length < CMSGHDR_SIZE || at + length > end) return undefined;
      const isIt = control.getInt32(at + 8, true) === SOL_SOCKET &&
        control.getInt32(at + 12, true) === type;
      if (isIt) return new DataView(this.#control.buffer, at + CMSGHDR_SIZE, length - CMSGHDR_SIZE);
      at += aligned(length);
    }
    return undefined;
  }

  /** Flags of a received message, such as {@linkcode MSG}.TRUNC. */
  get flags(): number {
    return this.#view.getInt32(48, true);
  }

  /** The data. */
  get data(): Bytes {
    return this.#data;
  }
}

function aligned(length: number): number {
  return Math.ceil(length / 8) * 8;
}

/**
 * Encodes a `struct sockaddr_un` with an abstract name.
 *
 * @throws {RangeError} when the name is too long
 */
export function encodeAbstractAddress(name: Bytes): Bytes {
  if (name.length >= SUN_PATH_SIZE) throw new RangeError("the name of a socket is too long");
  const address = new Uint8Array(2 + 1 + name.length);
  new DataView(address.buffer).setUint16(0, AF_UNIX, true);
  address.set(name, 3);
  return address;
}
