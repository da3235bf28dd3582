/** The two ways of showing a TAI64N label: local time, and seconds since 1970 with a fraction. */

import { type Bytes, encode } from "../../base/bytes.ts";
import type { LocalClock, LocalTime } from "../../system/kernel.ts";
import { copyBytes } from "../copying.ts";
import type { Rendering } from "./relabeling.ts";

const ZERO = 0x30;
const BILLION = 1_000_000_000;
/**
 * Zones change at multiples of a quarter of an hour, and not twice within one: if the clock is as
 * far ahead at its end as at its beginning, it is so all the way.
 */
const SPAN_SECONDS = 900;
/** Beyond this, local time is asked for each second. */
const SPAN_LIMIT = 2 ** 40;

const two = (value: number) => String(value).padStart(2, "0");

/** Writes at least nine decimal digits. */
function writeFraction(nanoseconds: number, output: Bytes, at: number): number {
  if (nanoseconds >= BILLION) output[at++] = ZERO + Math.trunc(nanoseconds / BILLION);
  let rest = nanoseconds % BILLION;
  for (let index = at + 8; index >= at; index--) {
    const tenth = (rest / 10) | 0;
    output[index] = ZERO + rest - 10 * tenth;
    rest = tenth;
  }
  return at + 9;
}

/** Seconds from 1970-01-01 00:00:00 to a date and time of day, both on the same clock. */
function civilSeconds({ year, month, day, hour, minute, second }: LocalTime): number {
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  return date.getTime() / 1000 + hour * 3600 + minute * 60 + second;
}

/** A year as the C program prints it: an int, which becomes an unsigned 64-bit number. */
function yearText(year: number): string {
  return year >= 0 && year < 2 ** 31 ? `${year}` : `${BigInt.asUintN(64, BigInt(year | 0))}`;
}

function localText({ year, month, day, hour, minute, second }: LocalTime): string {
  return `${yearText(year)}-${two(month)}-${two(day)} ${two(hour)}:${two(minute)}:${two(second)}.`;
}

/** `2026-01-31 23:59:59.123456789`, where we are. */
export class LocalRendering implements Rendering {
  readonly isStrict = false;
  readonly #clock: LocalClock;
  /** The second that was shown last, and its text. */
  #second: number | bigint | undefined;
  #text: Bytes = encode("");
  /** Where the clock is ahead of UTC by `#ahead` seconds. */
  #spanStart = 0;
  #spanEnd = 0;
  #ahead = 0;

  /** @param clock tells local time; asked once for each quarter of an hour that is shown */
  constructor(clock: LocalClock) {
    this.#clock = clock;
  }

  render(seconds: number | bigint, nanoseconds: number, output: Bytes, at: number): number {
    if (seconds !== this.#second) {
      const text = this.#textOf(seconds);
      if (text === undefined) return at;
      this.#text = encode(text);
      this.#second = seconds;
    }
    copyBytes(this.#text, 0, this.#text.length, output, at);
    return writeFraction(nanoseconds, output, at + this.#text.length);
  }

  #textOf(seconds: number | bigint): string | undefined {
    if (typeof seconds === "number" && Math.abs(seconds) < SPAN_LIMIT) {
      if (seconds >= this.#spanEnd || seconds < this.#spanStart) this.#enterSpan(seconds);
      if (seconds < this.#spanEnd) {
        const iso = new Date((seconds + this.#ahead) * 1000).toISOString();
        if (iso.length === 24) return `${iso.slice(0, 10)} ${iso.slice(11, 20)}`;
      }
    }
    const local = this.#clock.localTime(BigInt(seconds));
    return local === null ? undefined : localText(local);
  }

  #enterSpan(seconds: number): void {
    const start = Math.floor(seconds / SPAN_SECONDS) * SPAN_SECONDS;
    const ahead = this.#aheadAt(start);
    const isEven = ahead !== undefined && ahead === this.#aheadAt(start + SPAN_SECONDS);
    this.#spanStart = start;
    this.#spanEnd = isEven ? start + SPAN_SECONDS : start;
    this.#ahead = ahead ?? 0;
  }

  #aheadAt(seconds: number): number | undefined {
    const local = this.#clock.localTime(BigInt(seconds));
    return local === null ? undefined : civilSeconds(local) - seconds;
  }
}

/** `1769903999.123456789`. A label before 1970 has a minus sign in front of its distance. */
export class FractionRendering implements Rendering {
  readonly isStrict = true;
  #second: number | bigint | undefined;
  #text: Bytes = encode("");

  render(seconds: number | bigint, nanoseconds: number, output: Bytes, at: number): number {
    // No label of a point of time: TAI64N ends where TAI64's second half begins.
    if (nanoseconds >= BILLION || seconds < -(2n ** 62n)) return at;
    if (seconds < 0) return this.#renderNegative(BigInt(seconds), nanoseconds, output, at);
    if (seconds !== this.#second) {
      this.#text = encode(`${seconds}.`);
      this.#second = seconds;
    }
    copyBytes(this.#text, 0, this.#text.length, output, at);
    return writeFraction(nanoseconds, output, at + this.#text.length);
  }

  #renderNegative(seconds: bigint, nanoseconds: number, output: Bytes, at: number): number {
    const distance = -(seconds * BigInt(BILLION) + BigInt(nanoseconds));
    const text = encode(`-${distance / BigInt(BILLION)}.`);
    output.set(text, at);
    return writeFraction(Number(distance % BigInt(BILLION)), output, at + text.length);
  }
}
