/**
 * Signals to this process on Linux, and the mask of blocked ones: a caller may have blocked what we
 * live on, such as SIGCHLD.
 */

import type { Bytes } from "../../base/bytes.ts";
import { SIGNAL } from "../../base/signals.ts";
import {
  encodeSigset,
  isInSigset,
  SIG_BLOCK,
  SIG_SETMASK,
  SIG_UNBLOCK,
  signalH,
  SIGSET_SIZE,
  withoutSignals,
} from "../../libc/signal_h.ts";
import type { Signals } from "../kernel.ts";
import { checkResult } from "./check_result.ts";

const NUMBERS = {
  SIGTERM: SIGNAL.TERM,
  SIGINT: SIGNAL.INT,
  SIGALRM: SIGNAL.ALRM,
  SIGHUP: SIGNAL.HUP,
  SIGCHLD: SIGNAL.CHLD,
} as const;

/** The mask that we were started with; undefined as long as it is still in force. */
let inheritedMask: Bytes | undefined;

/** Unblocks a signal. One thread is enough: the kernel gives the signal to a thread that takes it. */
function unblock(signal: number): void {
  const mask = new Uint8Array(SIGSET_SIZE);
  checkResult("sigprocmask", signalH.sigprocmask(SIG_BLOCK, null, mask));
  if (!isInSigset(mask, signal)) return;
  checkResult("sigprocmask", signalH.sigprocmask(SIG_UNBLOCK, encodeSigset([signal]), null));
  inheritedMask ??= mask;
}

/**
 * The mask for a child.
 *
 * @param unblocked signals that are not to be blocked in it
 * @returns a sigset_t; undefined when the child is to have the mask that we have
 */
export function maskForChild(unblocked: readonly number[]): Bytes | undefined {
  return inheritedMask && withoutSignals(inheritedMask, unblocked);
}

/** Puts the mask back that we were started with, before another program takes our place. */
export function restoreMask(): void {
  if (inheritedMask === undefined) return;
  checkResult("sigprocmask", signalH.sigprocmask(SIG_SETMASK, inheritedMask, null));
}

/** {@linkcode Signals} over the runtime's listeners. */
export const linuxSignals: Signals = {
  onSignal(name, handler) {
    Deno.addSignalListener(name, handler);
    unblock(NUMBERS[name]);
  },
};
