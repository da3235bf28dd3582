/**
 * Signals to this process on Linux. Those that are handled are blocked, and arrive at a descriptor
 * instead (signalfd): the runtime's own listener needs a thread, which may not be had, and our
 * caller may have blocked what we live on. Programs that we start or become get the mask of our
 * caller.
 */

import { SIGNAL } from "../../base/signals.ts";
import { O } from "../../libc/fcntl_h.ts";
import {
  decodeSignalNumber,
  encodeSigset,
  SIG_BLOCK,
  SIGNALFD_SIGINFO_SIZE,
  signalH,
  SIGSET_SIZE,
} from "../../libc/signal_h.ts";
import { unistdH } from "../../libc/unistd_h.ts";
import type { HandledSignal, Signals } from "../kernel.ts";
import { checkResult } from "./check_result.ts";
import { noteInheritedMask, useDefaultAction } from "./inherited_signals.ts";
import { isPoolInUse } from "./thread_pool.ts";

const NUMBERS: Readonly<Record<HandledSignal, number>> = {
  SIGTERM: SIGNAL.TERM,
  SIGINT: SIGNAL.INT,
  SIGALRM: SIGNAL.ALRM,
  SIGHUP: SIGNAL.HUP,
  SIGCHLD: SIGNAL.CHLD,
  SIGUSR1: SIGNAL.USR1,
  SIGUSR2: SIGNAL.USR2,
};

const handlers = new Map<number, () => void>();
/** The signalfd, once there is a handler. */
let signalFd: number | undefined;

/** The descriptor at which signals arrive; undefined while none is handled. */
export function signalDescriptor(): number | undefined {
  return signalFd;
}

/** Calls the handlers of what has arrived at the descriptor. */
export function handleSignals(): void {
  const siginfo = new Uint8Array(SIGNALFD_SIGINFO_SIZE);
  const size = BigInt(SIGNALFD_SIGINFO_SIZE);
  while (signalFd !== undefined && unistdH.read(signalFd, siginfo, size) === size) {
    handlers.get(decodeSignalNumber(siginfo))?.();
  }
}

/** {@linkcode Signals} by signalfd; they are noticed while a poller waits. */
export const linuxSignals: Signals = {
  onSignal(name, handler) {
    const signal = NUMBERS[name];
    // A thread of the pool that had not blocked the signal would take it, and end this process.
    if (isPoolInUse() && !handlers.has(signal)) {
      throw new Error(`${name} must be handled before anything is waited for`);
    }
    handlers.set(signal, handler);
    const earlier = new Uint8Array(SIGSET_SIZE);
    const blocked = signalH.sigprocmask(SIG_BLOCK, encodeSigset([signal]), earlier);
    checkResult("sigprocmask", blocked);
    noteInheritedMask(earlier);
    // Ends of children are not told where this is ignored. Others stay as our caller wants them.
    if (signal === SIGNAL.CHLD) useDefaultAction(signal);
    const handled = encodeSigset([...handlers.keys()]);
    const fd = signalH.signalfd(signalFd ?? -1, handled, O.CLOEXEC | O.NONBLOCK);
    signalFd = checkResult("signalfd", fd);
  },
};
