/** `<sys/stat.h>`, `<sys/statvfs.h>`, `<sys/vfs.h>`: file status by statx, whose layout is the same on every architecture. */

import type { Bytes } from "../base/bytes.ts";
import type { Timestamp } from "../base/tai64n.ts";
import { bind } from "./loader.ts";

/** Functions of `<sys/stat.h>`. */
export const statH = bind({
  statx: { parameters: ["i32", "buffer", "i32", "u32", "buffer"], result: "i32" }, // int statx(int dirfd, const char *path, int flags, unsigned int mask, struct statx *into)
  mkdirat: { parameters: ["i32", "buffer", "u32"], result: "i32" }, // int mkdirat(int dirfd, const char *path, mode_t mode)
  mkfifoat: { parameters: ["i32", "buffer", "u32"], result: "i32" }, // int mkfifoat(int dirfd, const char *path, mode_t mode)
  fchmod: { parameters: ["i32", "u32"], result: "i32" }, // int fchmod(int fd, mode_t mode)
  futimens: { parameters: ["i32", "buffer"], result: "i32" }, // int futimens(int fd, const struct timespec times[2])
  umask: { parameters: ["u32"], result: "u32" }, // mode_t umask(mode_t mask)
  statvfs: { parameters: ["buffer", "buffer"], result: "i32" }, // int statvfs(const char *path, struct statvfs *into)
  fstatfs: { parameters: ["i32", "buffer"], result: "i32" }, // int fstatfs(int fd, struct statfs *into)
});

/** Size of `struct statx`, in bytes. */
export const STATX_SIZE = 256;
/** `mask`: what the old stat call tells. */
export const STATX_BASIC_STATS = 0x7ff;

/** `mask`: the number of the file; that of its device is told in any case. */
export const STATX_INO = 0x100;
/** `mask`: when the file was made, where the file system knows. */
export const STATX_BTIME = 0x800;

const KIND_BITS = 0o170000;
const KINDS: Readonly<Record<number, "directory" | "file" | "fifo" | "link">> = {
  0o040000: "directory",
  0o100000: "file",
  0o010000: "fifo",
  0o120000: "link",
};

/** Decodes a `struct statx`. @see linux/stat.h */
export function decodeStatx(buffer: Bytes) {
  const view = new DataView(buffer.buffer, buffer.byteOffset, STATX_SIZE);
  const mode = view.getUint16(28, true);
  return {
    kind: KINDS[mode & KIND_BITS] ?? "other" as const,
    permissions: mode & ~KIND_BITS,
    links: view.getUint32(16, true),
    uid: view.getUint32(20, true),
    inode: view.getBigUint64(32, true),
    size: Number(view.getBigUint64(40, true)),
    device: view.getUint32(136, true) * 2 ** 32 + view.getUint32(140, true),
  };
}

/** Whether a `struct statx` is that of a file, by the number of its device and its own. */
export function isStatxOf(view: DataView, device: number, inode: bigint): boolean {
  return view.getBigUint64(32, true) === inode &&
    view.getUint32(136, true) * 2 ** 32 + view.getUint32(140, true) === device;
}

/** Decodes the times in a `struct statx`, which was asked for STATX_BTIME too. @see linux/stat.h */
export function decodeStatxTimes(buffer: Bytes) {
  const view = new DataView(buffer.buffer, buffer.byteOffset, STATX_SIZE);
  // struct statx_timestamp: 64 bits of seconds, 32 bits of nanoseconds.
  const timeAt = (offset: number) => ({
    seconds: Number(view.getBigInt64(offset, true)),
    nanoseconds: view.getUint32(offset + 8, true),
  });
  const knowsCreation = (view.getUint32(0, true) & STATX_BTIME) !== 0;
  const created = knowsCreation ? timeAt(80) : undefined;
  return { accessed: timeAt(64), modified: timeAt(112), created };
}

/** `tv_nsec` of a time that is to be the present. */
const UTIME_NOW = 0x3fffffff;
/** `tv_nsec` of a time that is to stay as it is. */
const UTIME_OMIT = 0x3ffffffe;

/**
 * Makes the two `struct timespec` of futimens on x86-64.
 *
 * @param accessed undefined where it is to stay as it is
 * @see utimensat(2)
 */
export function encodeTimes(accessed: Timestamp | undefined, modified: "now" | "as it is"): Bytes {
  const times: Bytes = new Uint8Array(32);
  const view = new DataView(times.buffer);
  view.setBigInt64(0, BigInt(accessed?.seconds ?? 0), true);
  view.setBigInt64(8, BigInt(accessed?.nanoseconds ?? UTIME_OMIT), true);
  view.setBigInt64(24, BigInt(modified === "now" ? UTIME_NOW : UTIME_OMIT), true);
  return times;
}

/** Size of `struct statfs` on x86-64, in bytes. */
export const STATFS_SIZE = 120;

/** The number of a file system's type, from a `struct statfs` on x86-64. @see statfs(2) */
export function decodeStatfsType(buffer: Bytes): number {
  return new DataView(buffer.buffer, buffer.byteOffset, STATFS_SIZE).getUint32(0, true);
}

/** Types of file systems on a disk of this machine, or in its memory. @see linux/magic.h */
export const LOCAL_TYPES: readonly number[] = [
  0xef53, // ext2, ext3, ext4
  0x58465342, // xfs
  0x9123683e, // btrfs
  0xf2f52010, // f2fs
  0x3153464a, // jfs
  0xca451a4e, // bcachefs
  0x2fc12fc1, // zfs
  0x794c7630, // overlayfs
  0x01021994, // tmpfs
  0x858458f6, // ramfs
];

/** Size of `struct statvfs` on x86-64, in bytes. */
export const STATVFS_SIZE = 112;

/** Decodes what a user may still write, from a `struct statvfs` on x86-64. @see statvfs(3) */
export function decodeStatvfs(buffer: Bytes): { freeBytes: number; freeFiles: number } {
  const view = new DataView(buffer.buffer, buffer.byteOffset, STATVFS_SIZE);
  const number = (offset: number): number => Number(view.getBigUint64(offset, true));
  // f_frsize, f_bavail; file systems without a limit of files have none free of none.
  const [fragmentSize, available, files, favailable] = [8, 32, 40, 56].map(number);
  return {
    freeBytes: fragmentSize! * available!,
    freeFiles: files === 0 ? Infinity : favailable!,
  };
}
