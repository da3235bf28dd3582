/** `<unistd.h>`, `<stdio.h>`'s rename, `<dirent.h>`'s getdents64. */

import { bind } from "./loader.ts";

/** Functions of `<unistd.h>` and its neighbours. */
export const unistdH = bind({
  read: { parameters: ["i32", "buffer", "usize"], result: "isize" }, // ssize_t read(int fd, void *buffer, size_t count)
  write: { parameters: ["i32", "buffer", "usize"], result: "isize" }, // ssize_t write(int fd, const void *buffer, size_t count)
  pwrite: { parameters: ["i32", "buffer", "usize", "i64"], result: "isize" }, // ssize_t pwrite(int fd, const void *buffer, size_t count, off_t offset)
  ftruncate: { parameters: ["i32", "i64"], result: "i32" }, // int ftruncate(int fd, off_t length)
  lseek: { parameters: ["i32", "i64", "i32"], result: "i64" }, // off_t lseek(int fd, off_t offset, int whence)
  close: { parameters: ["i32"], result: "i32" }, // int close(int fd)
  chdir: { parameters: ["buffer"], result: "i32" }, // int chdir(const char *path)
  dup2: { parameters: ["i32", "i32"], result: "i32" }, // int dup2(int from, int to)
  pipe2: { parameters: ["buffer", "i32"], result: "i32" }, // int pipe2(int *fds, int flags)
  fsync: { parameters: ["i32"], result: "i32" }, // int fsync(int fd)
  unlinkat: { parameters: ["i32", "buffer", "i32"], result: "i32" }, // int unlinkat(int dirfd, const char *path, int flags)
  linkat: { parameters: ["i32", "buffer", "i32", "buffer", "i32"], result: "i32" }, // int linkat(int fromfd, const char *from, int tofd, const char *to, int flags)
  readlinkat: { parameters: ["i32", "buffer", "buffer", "usize"], result: "isize" }, // ssize_t readlinkat(int dirfd, const char *path, char *buffer, size_t size)
  renameat: { parameters: ["i32", "buffer", "i32", "buffer"], result: "i32" }, // int renameat(int fromfd, const char *from, int tofd, const char *to)
  getdents64: { parameters: ["i32", "buffer", "usize"], result: "isize" }, // ssize_t getdents64(int fd, void *buffer, size_t count)
  execve: { parameters: ["buffer", "buffer", "buffer"], result: "i32" }, // int execve(const char *path, char *const *argv, char *const *envp)
  faccessat: { parameters: ["i32", "buffer", "i32", "i32"], result: "i32" }, // int faccessat(int dirfd, const char *path, int mode, int flags)
  setsid: { parameters: [], result: "i32" }, // pid_t setsid(void)
  getsid: { parameters: ["i32"], result: "i32" }, // pid_t getsid(pid_t pid)
  getpid: { parameters: [], result: "i32" }, // pid_t getpid(void)
  setuid: { parameters: ["u32"], result: "i32" }, // int setuid(uid_t uid)
  setgid: { parameters: ["u32"], result: "i32" }, // int setgid(gid_t gid)
  setgroups: { parameters: ["usize", "buffer"], result: "i32" }, // int setgroups(size_t count, const gid_t *groups)
});

/** faccessat: may be executed. */
export const X_OK = 1;
/** faccessat: may be read. */
export const R_OK = 4;
/** faccessat: judge by the effective ids. */
export const AT_EACCESS = 0x200;
