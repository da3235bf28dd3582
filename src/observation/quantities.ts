/** Durations, sizes and ends of processes in a few characters, for people. */

import { signalName } from "../base/signals.ts";
import type { Exit } from "./history.ts";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A duration in at most two units: `0.2s`, `42s`, `3m 5s`, `4h 12m`, `13d 4h`. */
export function durationText(seconds: number): string {
  if (seconds < 0.05) return "0s";
  if (seconds < 9.95 && !Number.isInteger(seconds)) return `${seconds.toFixed(1)}s`;
  const whole = Math.floor(seconds);
  const pair = (big: number, bigUnit: string, small: number, smallUnit: string): string => {
    const rest = Math.floor((whole % big) / small);
    return `${Math.floor(whole / big)}${bigUnit}${rest > 0 ? ` ${rest}${smallUnit}` : ""}`;
  };
  if (whole < MINUTE) return `${whole}s`;
  if (whole < HOUR) return pair(MINUTE, "m", 1, "s");
  if (whole < DAY) return pair(HOUR, "h", MINUTE, "m");
  return pair(DAY, "d", HOUR, "h");
}

/** A duration in one unit, for narrow columns: `42s`, `3m`, `4h`, `13d`. */
export function shortDuration(seconds: number): string {
  return durationText(Math.floor(seconds)).split(" ")[0] ?? "";
}

/** A size in powers of 1024, in at most five characters: `512B`, `1.2M`, `340M`, `12G`. */
export function sizeText(bytes: number): string {
  let value = bytes;
  let unit = "B";
  for (const next of ["K", "M", "G", "T"]) {
    if (value < 1000) break;
    value /= 1024;
    unit = next;
  }
  return `${value < 9.95 && unit !== "B" ? value.toFixed(1) : Math.round(value)}${unit}`;
}

/** How a process ended: `exited with code 1`, `killed by SIGKILL`, `ended`. */
export function exitText({ code, signal }: Pick<Exit, "code" | "signal">): string {
  if (signal !== undefined) return `killed by SIG${signalName(signal)}`;
  return code === undefined ? "ended, how is unknown" : `exited with code ${code}`;
}

/** The same for a narrow column: `code 1`, `SIGKILL`. */
export function shortExit({ code, signal }: Pick<Exit, "code" | "signal">): string {
  if (signal !== undefined) return `SIG${signalName(signal)}`;
  return code === undefined ? "?" : `code ${code}`;
}

/** `once`, `twice`, `three times`, `4 times`. */
export function timesText(count: number): string {
  return ["never", "once", "twice", "three times"][count] ?? `${count} times`;
}

/** Why a service has failed, in words. */
const FAILURES: Readonly<Record<string, string>> = {
  "no-run": "run cannot be started",
  "max-restarts": "it ended more often than max-restarts allows",
  "permanent-exit": "permanent-exit names its exit code",
};

/** Why a service has failed, in words, if the word for it is known. */
export function failureText(why: string): string {
  return FAILURES[why] ?? why;
}
