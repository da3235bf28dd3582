/** `<pwd.h>`: accounts, looked up as the system is told to (nsswitch.conf). */

import type { Bytes } from "../base/bytes.ts";
import { bind } from "./loader.ts";

/** Functions of `<pwd.h>`. */
export const pwdH = bind({
  getpwnam_r: { parameters: ["buffer", "buffer", "buffer", "usize", "buffer"], result: "i32" }, // int getpwnam_r(const char *name, struct passwd *into, char *strings, size_t size, struct passwd **found)
});

/** Size of glibc's `struct passwd` on 64-bit machines, in bytes. */
export const PASSWD_SIZE = 48;

/** The user and primary group of a `struct passwd`. */
export function decodePasswd(buffer: Bytes): { uid: number; gid: number } {
  const view = new DataView(buffer.buffer, buffer.byteOffset, PASSWD_SIZE);
  return { uid: view.getUint32(16, true), gid: view.getUint32(20, true) };
}
