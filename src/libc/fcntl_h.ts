/** `<fcntl.h>` and `<sys/file.h>`: opening, descriptor flags, locks. Values for x86-64 Linux. */

import { bind } from "./loader.ts";

/** Functions of `<fcntl.h>`. */
export const fcntlH = bind({
  openat: { parameters: ["i32", "buffer", "i32", "u32"], result: "i32" }, // int openat(int dirfd, const char *path, int flags, mode_t mode)
  fcntl: { parameters: ["i32", "i32", "i32"], result: "i32" }, // int fcntl(int fd, int command, int argument)
  tee: { parameters: ["i32", "i32", "usize", "u32"], result: "isize" }, // ssize_t tee(int from, int to, size_t length, unsigned int flags)
  splice: { parameters: ["i32", "buffer", "i32", "buffer", "usize", "u32"], result: "isize" }, // ssize_t splice(int from, off_t *from_offset, int to, off_t *to_offset, size_t length, unsigned int flags)
  flock: { parameters: ["i32", "i32"], result: "i32" }, // int flock(int fd, int operation)
});

/** `<sys/mman.h>`: files in memory. */
export const memfdH = bind({
  memfd_create: { parameters: ["buffer", "u32"], result: "i32" }, // int memfd_create(const char *name, unsigned int flags)
});
/** memfd_create flag: close on exec. */
export const MFD_CLOEXEC = 1;

/** Open flags. */
export const O = {
  RDONLY: 0,
  WRONLY: 1,
  RDWR: 2,
  CREAT: 0o100,
  EXCL: 0o200,
  TRUNC: 0o1000,
  APPEND: 0o2000,
  NONBLOCK: 0o4000,
  DIRECTORY: 0o200000,
  NOFOLLOW: 0o400000,
  CLOEXEC: 0o2000000,
  PATH: 0o10000000,
} as const;

/** `dirfd` value for "relative to the working directory". */
export const AT_FDCWD = -100;
/** `flags` value of `*at` calls: the descriptor itself, with an empty path. */
export const AT_EMPTY_PATH = 0x1000;
/** `flags` value of `*at` calls: do not follow a final symbolic link. */
export const AT_SYMLINK_NOFOLLOW = 0x100;

/** `flags` value of statx: ask the server of a file system, whatever is remembered. */
export const AT_STATX_FORCE_SYNC = 0x2000;

/** fcntl commands. */
export const F = {
  GETFD: 1,
  SETFD: 2,
  GETFL: 3,
  SETFL: 4,
  DUPFD_CLOEXEC: 1030,
} as const;
/** Descriptor flag: close on exec. */
export const FD_CLOEXEC = 1;

/** tee and splice flag: do not wait. */
export const SPLICE_F_NONBLOCK = 2;

/** flock operations. */
export const LOCK = { EX: 2, NB: 4, UN: 8 } as const;
