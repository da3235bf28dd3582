/**
 * The kernel's error numbers on x86-64 Linux, with the words daemontools uses for them.
 *
 * Mind the unusual pair: EPERM is "permission denied" and EACCES is "access denied".
 *
 * @see errno(3); the texts are those of daemontools' error_str
 */

const ERRORS = {
  EPERM: [1, "permission denied"],
  ENOENT: [2, "file does not exist"],
  ESRCH: [3, "no such process"],
  EINTR: [4, "interrupted system call"],
  EIO: [5, "input/output error"],
  ENXIO: [6, "device not configured"],
  E2BIG: [7, "argument list too long"],
  ENOEXEC: [8, "exec format error"],
  EBADF: [9, "file descriptor not open"],
  ECHILD: [10, "no child processes"],
  EAGAIN: [11, "temporary failure"],
  ENOMEM: [12, "out of memory"],
  EACCES: [13, "access denied"],
  EFAULT: [14, "bad address"],
  ENOTBLK: [15, "not a block device"],
  EBUSY: [16, "device busy"],
  EEXIST: [17, "file already exists"],
  EXDEV: [18, "cross-device link"],
  ENODEV: [19, "device does not support operation"],
  ENOTDIR: [20, "not a directory"],
  EISDIR: [21, "is a directory"],
  EINVAL: [22, "invalid argument"],
  ENFILE: [23, "system cannot open more files"],
  EMFILE: [24, "process cannot open more files"],
  ENOTTY: [25, "not a tty"],
  ETXTBSY: [26, "text busy"],
  EFBIG: [27, "file too big"],
  ENOSPC: [28, "out of disk space"],
  ESPIPE: [29, "unseekable descriptor"],
  EROFS: [30, "read-only file system"],
  EMLINK: [31, "too many links"],
  EPIPE: [32, "broken pipe"],
  EDOM: [33, "input out of range"],
  ERANGE: [34, "output out of range"],
  EDEADLK: [35, "operation would cause deadlock"],
  ENAMETOOLONG: [36, "file name too long"],
  ENOLCK: [37, "no locks available"],
  ENOSYS: [38, "system call not available"],
  ENOTEMPTY: [39, "directory not empty"],
  ELOOP: [40, "symbolic link loop"],
  ENOMSG: [42, "no message of desired type"],
  EIDRM: [43, "identifier removed"],
  ENOSTR: [60, "not a stream device"],
  ETIME: [62, "timer expired"],
  ENOSR: [63, "out of stream resources"],
  ENONET: [64, "machine not on network"],
  EREMOTE: [66, "too many levels of remote in path"],
  ENOLINK: [67, "link severed"],
  EADV: [68, "advertise error"],
  ESRMNT: [69, "srmount error"],
  ECOMM: [70, "communication error"],
  EPROTO: [71, "protocol error"],
  EMULTIHOP: [72, "multihop attempted"],
  EBADMSG: [74, "bad message type"],
  EREMCHG: [78, "remote address changed"],
  EUSERS: [87, "too many users"],
  ENOTSOCK: [88, "not a socket"],
  EDESTADDRREQ: [89, "destination address required"],
  EMSGSIZE: [90, "message too long"],
  EPROTOTYPE: [91, "incorrect protocol type"],
  ENOPROTOOPT: [92, "protocol not available"],
  EPROTONOSUPPORT: [93, "protocol not supported"],
  ESOCKTNOSUPPORT: [94, "socket type not supported"],
  EOPNOTSUPP: [95, "operation not supported"],
  EPFNOSUPPORT: [96, "protocol family not supported"],
  EAFNOSUPPORT: [97, "address family not supported"],
  EADDRINUSE: [98, "address already used"],
  EADDRNOTAVAIL: [99, "address not available"],
  ENETDOWN: [100, "network down"],
  ENETUNREACH: [101, "network unreachable"],
  ENETRESET: [102, "network reset"],
  ECONNABORTED: [103, "connection aborted"],
  ECONNRESET: [104, "connection reset"],
  ENOBUFS: [105, "out of buffer space"],
  EISCONN: [106, "already connected"],
  ENOTCONN: [107, "not connected"],
  ESHUTDOWN: [108, "socket shut down"],
  ETOOMANYREFS: [109, "too many references"],
  ETIMEDOUT: [110, "timed out"],
  ECONNREFUSED: [111, "connection refused"],
  EHOSTDOWN: [112, "host down"],
  EHOSTUNREACH: [113, "host unreachable"],
  EALREADY: [114, "operation already in progress"],
  EINPROGRESS: [115, "operation in progress"],
  ESTALE: [116, "stale NFS file handle"],
  EDQUOT: [122, "disk quota exceeded"],
} as const;

/** The symbolic name of an error number that daemontools has words for. */
export type ErrnoName = keyof typeof ERRORS;

const NAMES = new Map<number, ErrnoName>();
for (const name of Object.keys(ERRORS) as ErrnoName[]) NAMES.set(ERRORS[name][0], name);

/** Error numbers by symbolic name. */
export const ERRNO: Readonly<Record<ErrnoName, number>> = Object.fromEntries(
  (Object.keys(ERRORS) as ErrnoName[]).map((name) => [name, ERRORS[name][0]]),
) as Record<ErrnoName, number>;

/** The symbolic name of an error number, or its decimal form when it has none here. */
export function errnoName(errno: number): string {
  return NAMES.get(errno) ?? String(errno);
}

/** daemontools' words for an error number; 0 is `no error`, an unlisted one `unknown error`. */
export function errnoText(errno: number): string {
  if (errno === 0) return "no error";
  const name = NAMES.get(errno);
  return name === undefined ? "unknown error" : ERRORS[name][1];
}
