/** Functions of `<unistd.h>`, `<stdio.h>` and `<sys/stat.h>` that may wait for a disk: the same, on a helper thread. */

import { bind } from "./loader.ts";

/** They leave errno where nobody can read it: the helper thread has its own. */
export const slowUnistdH = bind({
  write: { parameters: ["i32", "buffer", "usize"], result: "isize", nonblocking: true }, // ssize_t write(int fd, const void *buffer, size_t count)
  fsync: { parameters: ["i32"], result: "i32", nonblocking: true }, // int fsync(int fd)
  futimens: { parameters: ["i32", "buffer"], result: "i32", nonblocking: true }, // int futimens(int fd, const struct timespec *times)
  statx: {
    parameters: ["i32", "buffer", "i32", "u32", "buffer"],
    result: "i32",
    nonblocking: true,
  }, // int statx(int dirfd, const char *path, int flags, unsigned int mask, struct statx *into)
  renameat: { parameters: ["i32", "buffer", "i32", "buffer"], result: "i32", nonblocking: true }, // int renameat(int fromfd, const char *from, int tofd, const char *to)
});
