/** `<signal.h>`, `<sys/wait.h>` and pidfds: signals to processes, and what became of them. */

import type { Bytes } from "../base/bytes.ts";
import { bind } from "./loader.ts";

/** Functions of `<signal.h>` and `<sys/wait.h>`, and `syscall` for what glibc does not wrap. */
export const signalH = bind({
  kill: { parameters: ["i32", "i32"], result: "i32" }, // int kill(pid_t pid, int signal)
  raise: { parameters: ["i32"], result: "i32" }, // int raise(int signal)
  waitpid: { parameters: ["i32", "buffer", "i32"], result: "i32" }, // pid_t waitpid(pid_t pid, int *status, int options)
  sigaction: { parameters: ["i32", "buffer", "buffer"], result: "i32" }, // int sigaction(int signal, const struct sigaction *new, struct sigaction *old)
  sigprocmask: { parameters: ["i32", "buffer", "buffer"], result: "i32" }, // int sigprocmask(int how, const sigset_t *set, sigset_t *old)
  signalfd: { parameters: ["i32", "buffer", "i32"], result: "i32" }, // int signalfd(int fd, const sigset_t *mask, int flags)
});

/** System calls that older C libraries do not wrap. */
export const pidfdH = bind({
  syscall: { parameters: ["i64", "i64", "i64", "i64", "i64"], result: "i64" }, // long syscall(long number, long a, long b, long c, long d)
});

/** System call numbers (the same on all architectures for these). */
export const SYS = { pidfd_send_signal: 424n, pidfd_open: 434n } as const;

/** waitpid option: do not wait. */
export const WNOHANG = 1;

/** Size of glibc's `struct sigaction` on x86-64, in bytes. All zero means the default action. */
export const SIGACTION_SIZE = 152;
/** Size of `sigset_t` in glibc, in bytes. */
export const SIGSET_SIZE = 128;

/** sigprocmask: block more signals. */
export const SIG_BLOCK = 0;
/** sigprocmask: block exactly these signals. */
export const SIG_SETMASK = 2;

/** A signal set with the listed signals. */
export function encodeSigset(signals: readonly number[]): Bytes {
  const set = new Uint8Array(SIGSET_SIZE);
  for (const signal of signals) {
    const bit = signal - 1;
    set[bit >> 3] = (set[bit >> 3] ?? 0) | (1 << (bit & 7));
  }
  return set;
}

/** A copy of a signal set that lacks the listed signals. */
export function withoutSignals(set: Bytes, signals: readonly number[]): Bytes {
  const removed = encodeSigset(signals);
  return set.map((byte, index) => byte & ~removed[index]!);
}

/** Size of a `struct signalfd_siginfo`, in bytes. @see linux/signalfd.h */
export const SIGNALFD_SIGINFO_SIZE = 128;

/** The number of the signal that a `struct signalfd_siginfo` tells of. */
export function decodeSignalNumber(siginfo: Bytes): number {
  return new DataView(siginfo.buffer, siginfo.byteOffset).getUint32(0, true);
}
