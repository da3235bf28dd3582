/** Numbers of the kernel interface that programs and engines use. */

/** The working directory, where a directory descriptor is asked for. @see openat(2), AT_FDCWD */
export const CWD = -100;

/** What `read` returns when nothing can be read now. */
export const WOULD_BLOCK = -1;

/** Resources with a limit, on x86-64 Linux. @see getrlimit(2) */
export const RLIMIT = {
  CPU: 0,
  FSIZE: 1,
  DATA: 2,
  STACK: 3,
  CORE: 4,
  RSS: 5,
  NPROC: 6,
  NOFILE: 7,
  MEMLOCK: 8,
  AS: 9,
} as const;
