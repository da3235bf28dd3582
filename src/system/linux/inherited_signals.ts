/**
 * What a program inherits of our signals, whether it takes our place or is a child: the mask of our
 * caller, not ours, and no signal ignored that only we ignore.
 */

import type { Bytes } from "../../base/bytes.ts";
import { SIG_SETMASK, SIGACTION_SIZE, signalH, withoutSignals } from "../../libc/signal_h.ts";
import { checkResult } from "./check_result.ts";

/** The mask that we were started with; undefined as long as it is still in force. */
let inheritedMask: Bytes | undefined;

/** Takes note of the mask that we were started with, before ours changes for the first time. */
export function noteInheritedMask(mask: Bytes): void {
  inheritedMask ??= mask;
}

/** Sets the mask that children get, where ours is not the one that they are to have. */
export function setMaskForChildren(mask: Bytes): void {
  inheritedMask = mask;
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

/**
 * Puts the mask back that we were started with, before another program takes our place.
 *
 * @throws {SystemError} `sigprocmask`
 */
export function restoreMask(): void {
  if (inheritedMask === undefined) return;
  checkResult("sigprocmask", signalH.sigprocmask(SIG_SETMASK, inheritedMask, null));
}

/**
 * Lets a signal do again what it does by default, whoever ignored or handled it.
 *
 * @throws {SystemError} `sigaction`
 */
export function useDefaultAction(signal: number): void {
  checkResult("sigaction", signalH.sigaction(signal, new Uint8Array(SIGACTION_SIZE), null));
}
