/**
 * What a service says over its notify socket: lines `NAME=VALUE` in one datagram. Names that are not
 * known here are passed over.
 *
 * @see sd_notify(3)
 */

import { type Bytes, decode } from "../../base/bytes.ts";

/** The longest message that is taken, in bytes. */
export const LONGEST_NOTIFICATION = 4096;

/** A message, understood. */
export interface Notification {
  /** `READY=1`: it has started, or has read its configuration again. */
  readonly isReady: boolean;
  /** `RELOADING=1`: it reads its configuration again, and says when it is ready. */
  readonly isReloading: boolean;
  /** `STOPPING=1`: it is about to end. */
  readonly isStopping: boolean;
  /** `STATUS=`: a line for people. */
  readonly statusText: string | undefined;
  /** `WATCHDOG=1` (it is alive), or `WATCHDOG=trigger` (it is to be treated as if it hung). */
  readonly watchdog: "alive" | "trigger" | undefined;
  /** `WATCHDOG_USEC=`: how often it says so from now on, in milliseconds; 0 for never. */
  readonly watchdogMs: number | undefined;
  /** `EXTEND_TIMEOUT_USEC=`: how long it may take at least from now on, in milliseconds. */
  readonly extendMs: number | undefined;
  /** `MAINPID=`: the process that is the service from now on. */
  readonly mainPid: number | undefined;
}

/** Understands a message; undefined for one that is none: empty, too long, or with a NUL in it. */
export function parseNotification(message: Bytes): Notification | undefined {
  if (message.length === 0 || message.length > LONGEST_NOTIFICATION) return undefined;
  if (message.includes(0)) return undefined;
  const values = new Map<string, string>();
  for (const line of decode(message).split("\n")) {
    const equals = line.indexOf("=");
    if (equals > 0) values.set(line.slice(0, equals), line.slice(equals + 1));
  }
  const milliseconds = (name: string): number | undefined => {
    const text = values.get(name) ?? "";
    return /^\d{1,15}$/.test(text) ? Number(text) / 1000 : undefined;
  };
  const watchdog = values.get("WATCHDOG");
  const mainPid = values.get("MAINPID") ?? "";
  return {
    isReady: values.get("READY") === "1",
    isReloading: values.get("RELOADING") === "1",
    isStopping: values.get("STOPPING") === "1",
    statusText: values.get("STATUS"),
    watchdog: watchdog === "1" ? "alive" : watchdog === "trigger" ? "trigger" : undefined,
    watchdogMs: milliseconds("WATCHDOG_USEC"),
    extendMs: milliseconds("EXTEND_TIMEOUT_USEC"),
    mainPid: /^[1-9]\d{0,8}$/.test(mainPid) ? Number(mainPid) : undefined,
  };
}
