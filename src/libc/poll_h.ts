/** `<poll.h>`: the state of single descriptors. */

import type { Bytes } from "../base/bytes.ts";
import { bind } from "./loader.ts";

/** Functions of `<poll.h>`. */
export const pollH = bind({
  poll: { parameters: ["buffer", "u64", "i32"], result: "i32" }, // int poll(struct pollfd *fds, nfds_t count, int timeout)
});

/** Events. */
export const POLL = { IN: 0x1, OUT: 0x4 } as const;

/**
 * Encodes a `struct pollfd`.
 *
 * @param events the bits to wait for, of {@linkcode POLL}
 * @see poll(2)
 */
export function encodePollfd(fd: number, events: number): Bytes {
  const buffer = new Uint8Array(8);
  const view = new DataView(buffer.buffer);
  view.setInt32(0, fd, true);
  view.setInt16(4, events, true);
  return buffer;
}

/** The events that happened, of a `struct pollfd` that poll has filled in. */
export function pollEvents(pollfd: Bytes): number {
  return new DataView(pollfd.buffer, pollfd.byteOffset).getInt16(6, true);
}
