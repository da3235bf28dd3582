/** `<sys/epoll.h>`, `<sys/eventfd.h>`, `<sys/inotify.h>`: waiting for descriptors. */

import type { Bytes } from "../base/bytes.ts";
import { bind } from "./loader.ts";

/** Functions that wait, and those that set up what is waited for. */
export const epollH = bind({
  epoll_create1: { parameters: ["i32"], result: "i32" }, // int epoll_create1(int flags)
  epoll_ctl: { parameters: ["i32", "i32", "i32", "buffer"], result: "i32" }, // int epoll_ctl(int epfd, int operation, int fd, struct epoll_event *event)
  epoll_wait: { parameters: ["i32", "buffer", "i32", "i32"], result: "i32", nonblocking: true }, // int epoll_wait(int epfd, struct epoll_event *events, int count, int timeout)
  epollNow: { name: "epoll_wait", parameters: ["i32", "buffer", "i32", "i32"], result: "i32" }, // int epoll_wait(int epfd, struct epoll_event *events, int count, int timeout)
  eventfd: { parameters: ["u32", "i32"], result: "i32" }, // int eventfd(unsigned int value, int flags)
  inotify_init1: { parameters: ["i32"], result: "i32" }, // int inotify_init1(int flags)
  inotify_add_watch: { parameters: ["i32", "buffer", "u32"], result: "i32" }, // int inotify_add_watch(int fd, const char *path, uint32_t mask)
  inotify_rm_watch: { parameters: ["i32", "i32"], result: "i32" }, // int inotify_rm_watch(int fd, int wd)
});

/** epoll_ctl operations. */
export const EPOLL_CTL = { ADD: 1, DEL: 2, MOD: 3 } as const;
/** Readable. */
export const EPOLLIN = 1;
/** Size of a packed `struct epoll_event` on x86-64, in bytes. */
export const EPOLL_EVENT_SIZE = 12;

/**
 * Encodes a `struct epoll_event` that carries a number as data.
 *
 * @param events the bits to wait for, such as EPOLLIN
 * @param number of 32 bits
 * @see epoll_ctl(2)
 */
export function encodeEpollEvent(events: number, number: number): Bytes {
  const buffer = new Uint8Array(EPOLL_EVENT_SIZE);
  const view = new DataView(buffer.buffer);
  view.setUint32(0, events, true);
  view.setInt32(4, number, true);
  return buffer;
}

/** The number that the event at `index` carries. */
export function decodeEpollNumber(events: DataView, index: number): number {
  return events.getInt32(EPOLL_EVENT_SIZE * index + 4, true);
}

/** inotify: a name came, went, or its permissions changed; only where the path is a directory. */
export const IN_NAMES_CHANGED = 0x100 /* CREATE */ | 0x200 /* DELETE */ | 0x40 /* MOVED_FROM */ |
  0x80 /* MOVED_TO */ | 0x4 /* ATTRIB */ | 0x1000000 /* ONLYDIR */;

/** inotify: a name came or went, or what has the name was written to, or let go after writing. */
export const IN_CONTENTS_CHANGED = IN_NAMES_CHANGED | 0x2 /* MODIFY */ | 0x8 /* CLOSE_WRITE */;
/** inotify, in what is read: events were lost. */
const IN_Q_OVERFLOW = 0x4000;

/** One `struct inotify_event`. */
export interface InotifyEvent {
  /** The number that inotify_add_watch returned; -1 when events were lost. */
  readonly watch: number;
  /** The name in that directory; empty when it is the directory itself. */
  readonly name: Bytes;
}

/** Decodes what was read from an inotify descriptor. @see inotify(7) */
export function decodeInotifyEvents(buffer: Bytes): InotifyEvent[] {
  const view = new DataView(buffer.buffer, buffer.byteOffset, buffer.length);
  const events: InotifyEvent[] = [];
  for (let at = 0; at + 16 <= buffer.length;) {
    const length = view.getUint32(at + 12, true);
    const padded = buffer.subarray(at + 16, at + 16 + length);
    const end = padded.indexOf(0);
    const lost = (view.getUint32(at + 4, true) & IN_Q_OVERFLOW) !== 0;
    events.push({
      watch: lost ? -1 : view.getInt32(at, true),
      name: padded.slice(0, end < 0 ? length : end),
    });
    at += 16 + length;
  }
  return events;
}
