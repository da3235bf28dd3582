/**
 * The kernel's error numbers on x86-64 Linux, with the words daemontools uses for them.
 *
 * Mind the unusual pair: EPERM is "permission denied" and EACCES is "access denied".
 *
 * @see errno(3); the texts are those of daemontools' error_str
 */

/** Error numbers by symbolic name: those that the sources, or their tests, look for. */
export const ERRNO = {
  EPERM: 1,
  ENOENT: 2,
  ESRCH: 3,
  EINTR: 4,
  EIO: 5,
  ENXIO: 6,
  E2BIG: 7,
  ENOEXEC: 8,
  EBADF: 9,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EEXIST: 17,
  EXDEV: 18,
  ENOTDIR: 20,
  EISDIR: 21,
  EINVAL: 22,
  ENFILE: 23,
  EMFILE: 24,
  ETXTBSY: 26,
  ENOSPC: 28,
  EROFS: 30,
  EPIPE: 32,
  ERANGE: 34,
  ENAMETOOLONG: 36,
  ELOOP: 40,
  EADDRINUSE: 98,
  ECONNRESET: 104,
  ETOOMANYREFS: 109,
} as const;

/** One of these names. */
export type ErrnoName = keyof typeof ERRNO;

/** Number, symbolic name and words of each. As text, as every program would pay for a table. */
const KNOWN = `
1 EPERM permission denied
2 ENOENT file does not exist
3 ESRCH no such process
4 EINTR interrupted system call
5 EIO input/output error
6 ENXIO device not configured
7 E2BIG argument list too long
8 ENOEXEC exec format error
9 EBADF file descriptor not open
10 ECHILD no child processes
11 EAGAIN temporary failure
12 ENOMEM out of memory
13 EACCES access denied
14 EFAULT bad address
15 ENOTBLK not a block device
16 EBUSY device busy
17 EEXIST file already exists
18 EXDEV cross-device link
19 ENODEV device does not support operation
20 ENOTDIR not a directory
21 EISDIR is a directory
22 EINVAL invalid argument
23 ENFILE system cannot open more files
24 EMFILE process cannot open more files
25 ENOTTY not a tty
26 ETXTBSY text busy
27 EFBIG file too big
28 ENOSPC out of disk space
29 ESPIPE unseekable descriptor
30 EROFS read-only file system
31 EMLINK too many links
32 EPIPE broken pipe
33 EDOM input out of range
34 ERANGE output out of range
35 EDEADLK operation would cause deadlock
36 ENAMETOOLONG file name too long
37 ENOLCK no locks available
38 ENOSYS system call not available
39 ENOTEMPTY directory not empty
40 ELOOP symbolic link loop
42 ENOMSG no message of desired type
43 EIDRM identifier removed
60 ENOSTR not a stream device
62 ETIME timer expired
63 ENOSR out of stream resources
64 ENONET machine not on network
66 EREMOTE too many levels of remote in path
67 ENOLINK link severed
68 EADV advertise error
69 ESRMNT srmount error
70 ECOMM communication error
71 EPROTO protocol error
72 EMULTIHOP multihop attempted
74 EBADMSG bad message type
78 EREMCHG remote address changed
87 EUSERS too many users
88 ENOTSOCK not a socket
89 EDESTADDRREQ destination address required
90 EMSGSIZE message too long
91 EPROTOTYPE incorrect protocol type
92 ENOPROTOOPT protocol not available
93 EPROTONOSUPPORT protocol not supported
94 ESOCKTNOSUPPORT socket type not supported
95 EOPNOTSUPP operation not supported
96 EPFNOSUPPORT protocol family not supported
97 EAFNOSUPPORT address family not supported
98 EADDRINUSE address already used
99 EADDRNOTAVAIL address not available
100 ENETDOWN network down
101 ENETUNREACH network unreachable
102 ENETRESET network reset
103 ECONNABORTED connection aborted
104 ECONNRESET connection reset
105 ENOBUFS out of buffer space
106 EISCONN already connected
107 ENOTCONN not connected
108 ESHUTDOWN socket shut down
109 ETOOMANYREFS too many references
110 ETIMEDOUT timed out
111 ECONNREFUSED connection refused
112 EHOSTDOWN host down
113 EHOSTUNREACH host unreachable
114 EALREADY operation already in progress
115 EINPROGRESS operation in progress
116 ESTALE stale NFS file handle
122 EDQUOT disk quota exceeded
`;

/** The line on an error number, split at its blanks: number, name, words. */
function entryOf(errno: number): string[] {
  const start = KNOWN.indexOf(`\n${errno} `) + 1;
  return start === 0 ? [] : KNOWN.slice(start, KNOWN.indexOf("\n", start)).split(" ");
}

/** The symbolic name of an error number, or its decimal form when it has none here. */
export function errnoName(errno: number): string {
  return entryOf(errno)[1] ?? String(errno);
}

/** The error number of a symbolic name; undefined when it has none here. */
export function errnoNamed(name: string): number | undefined {
  const entry = KNOWN.split("\n").map((line) => line.split(" ")).find((each) => each[1] === name);
  return entry && Number(entry[0]);
}

/** daemontools' words for an error number; 0 is `no error`, an unlisted one `unknown error`. */
export function errnoText(errno: number): string {
  if (errno === 0) return "no error";
  return entryOf(errno).slice(2).join(" ") || "unknown error";
}
