/**
 * Labels: the time in front of a line. Within a log each is later than the one before it, by a
 * nanosecond where the clock did not move or was set back. Where it was set back by more than an
 * hour, labels begin with the clock's time again.
 */

import { type Bytes, encode } from "../base/bytes.ts";
import { TAI64_OFFSET, tai64nLabel, type Timestamp } from "../base/tai64n.ts";
import { OVERSHOOT, viewOf } from "./copying.ts";
import type { Clock, LocalClock } from "../system/kernel.ts";

/** How a label shows the time. */
export type LabelForm = "tai64n" | "iso-utc" | "iso-local";

/**
 * How far labels may be ahead of the clock, in seconds. Beyond that, they would show a clock that
 * was wrong for as long as it takes the right one to get there.
 */
export const MAX_LEAD_SECONDS = 3600;

/** The clocks that labels need. */
export type LabelClock = Pick<Clock & LocalClock, "now" | "localTime">;

/** One form, taken apart: what changes once a second, and the fraction within it. */
interface Form {
  /** The digits of the fraction, in ASCII. */
  readonly digits: Bytes;
  /** A digit's successor; 0x30 says "carry". */
  readonly successor: Uint8Array;
  /** The whole label of a second's begin, with the blank behind it. */
  readonly write: (seconds: number) => string;
  /** How many digits the fraction has. */
  readonly fractionLength: number;
  /** How many bytes stand behind the fraction. */
  readonly tailLength: number;
  /** Where the last digits of the seconds are; only where these follow each other as numbers do. */
  readonly seconds?: SecondDigits;
}

/** The last digits of a label's seconds. */
interface SecondDigits {
  /** What is added to the seconds since 1970. */
  readonly offset: number;
  /** How many there are, before the fraction. */
  readonly length: number;
}

const ZERO = 0x30;
/** What is added in the last eight digits of a TAI64 count: {@linkcode TAI64_OFFSET} modulo 2^32. */
const TAI64_LEAST_OFFSET = Number(BigInt.asUintN(32, TAI64_OFFSET));

function digitsOf(text: string): Pick<Form, "digits" | "successor"> {
  const successor = new Uint8Array(128);
  const digits = encode(text);
  digits.forEach((code, index) => successor[code] = digits[index + 1] ?? ZERO);
  return { digits, successor };
}

/** Writes the last digits of a number that is not negative. */
function putDigits(
  into: Bytes,
  { end, length }: { end: number; length: number },
  value: number,
  digits: Bytes,
): void {
  let rest = value;
  for (let index = end - 1; index >= end - length; index--) {
    const shorter = Math.floor(rest / digits.length);
    into[index] = digits[rest - shorter * digits.length]!;
    rest = shorter;
  }
}

const two = (value: number) => String(value).padStart(2, "0");

/** `2026-01-31T23:59:59.` */
function isoUtc(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, -4);
}

/** The place's offset from UTC as ISO 8601 has it. Seconds of old zones are cut off. */
function isoOffset(offsetSeconds: number): string {
  const minutes = Math.trunc(Math.abs(offsetSeconds) / 60);
  return `${offsetSeconds < 0 ? "-" : "+"}${two(Math.trunc(minutes / 60))}:${two(minutes % 60)}`;
}

function formOf(form: LabelForm, clock: LabelClock): Form {
  if (form === "tai64n") {
    const write = (seconds: number) => `${tai64nLabel({ seconds, nanoseconds: 0 })} `;
    const hexadecimal = { ...digitsOf("0123456789abcdef"), fractionLength: 8, tailLength: 1 };
    return { ...hexadecimal, write, seconds: { offset: TAI64_LEAST_OFFSET, length: 8 } };
  }
  const decimal = { ...digitsOf("0123456789"), fractionLength: 9 };
  if (form === "iso-utc") {
    const write = (seconds: number) => `${isoUtc(seconds)}000000000Z `;
    return { ...decimal, write, tailLength: 2 };
  }
  const write = (seconds: number) => {
    const offsetSeconds = clock.localTime(BigInt(seconds))?.offsetSeconds ?? 0;
    // To whole minutes, so that the time and the offset that is printed agree.
    const shown = Math.trunc(offsetSeconds / 60) * 60;
    return `${isoUtc(seconds + shown)}000000000${isoOffset(shown)} `;
  };
  return { ...decimal, write, tailLength: 7 };
}

/** What a labeler is told to begin with, and tells. */
export interface LabelerOptions {
  /** The label that is already there: the first one comes after it. */
  readonly last?: Timestamp | undefined;
  /** Told when labels were too far ahead of the clock: by how many seconds. */
  readonly onReturn?: (leadSeconds: number) => void;
  /** Told the next label when it is in a later second than the clock, once for each such second. */
  readonly onLead?: (next: Timestamp) => void;
}

/** Writes the labels of one log. */
export class Labeler {
  /** How long each label is, with the blank behind it. */
  readonly length: number;
  readonly #clock: LabelClock;
  readonly #form: Form;
  readonly #onReturn: (leadSeconds: number) => void;
  readonly #onLead: (next: Timestamp) => void;
  /** The next label, and room for a whole number of words. */
  readonly #label: Bytes;
  readonly #words: DataView;
  /** What the label shows; no second at first. */
  #seconds = NaN;
  #nanoseconds = 0;
  /** The second of the last label that was told to be ahead. */
  #toldSeconds: number | undefined;

  /** Begins with the time of the clock, or behind the last label. */
  constructor(
    form: LabelForm,
    clock: LabelClock,
    { last, onReturn = () => {}, onLead = () => {} }: LabelerOptions = {},
  ) {
    this.#clock = clock;
    this.#onReturn = onReturn;
    this.#onLead = onLead;
    this.#form = formOf(form, clock);
    const { seconds, nanoseconds } = last ?? clock.now();
    this.length = this.#form.write(seconds).length;
    this.#label = new Uint8Array(this.length + OVERSHOOT);
    this.#words = viewOf(this.#label);
    this.#set(seconds, nanoseconds);
    if (last === undefined) return;
    this.advance();
    this.tick();
  }

  /** The next label. */
  get next(): Timestamp {
    return { seconds: this.#seconds, nanoseconds: this.#nanoseconds };
  }

  /** Looks at the clock: the next label is not earlier than this, and not much later. */
  tick(): void {
    const { seconds, nanoseconds } = this.#clock.now();
    const leadSeconds = this.#seconds - seconds;
    if (leadSeconds > MAX_LEAD_SECONDS) {
      this.#set(seconds, nanoseconds);
      this.#onReturn(leadSeconds);
      return;
    }
    if (leadSeconds > 0) {
      if (this.#toldSeconds === this.#seconds) return;
      this.#toldSeconds = this.#seconds;
      return this.#onLead(this.next);
    }
    if (seconds === this.#seconds && nanoseconds <= this.#nanoseconds) return;
    this.#set(seconds, nanoseconds);
  }

  /** Writes the next label, `length` bytes. */
  write(into: Bytes, at: number): void {
    const label = this.#label;
    for (let index = 0; index < this.length; index++) into[at + index] = label[index]!;
    this.advance();
  }

  /** Writes the next label, and up to 3 bytes of rubbish behind it; it stays the next one. */
  show(into: DataView, at: number): void {
    const words = this.#words;
    for (let index = 0; index < this.length; index += 4) {
      into.setInt32(at + index, words.getInt32(index, true), true);
    }
  }

  /** Puts another second into the label: a log that gets few lines has one for each of them. */
  #begin(seconds: number): void {
    const before = this.#seconds;
    this.#seconds = seconds;
    const { digits, fractionLength, tailLength, seconds: last } = this.#form;
    if (last !== undefined) {
      const span = digits.length ** last.length;
      const [from, to] = [before + last.offset, seconds + last.offset];
      if (to >= 0 && Math.floor(from / span) === Math.floor(to / span)) {
        const end = this.length - tailLength - fractionLength;
        return putDigits(this.#label, { end, length: last.length }, to, digits);
      }
    }
    this.#label.set(encode(this.#form.write(seconds)));
  }

  #set(seconds: number, nanoseconds: number): void {
    if (seconds !== this.#seconds) this.#begin(seconds);
    this.#nanoseconds = nanoseconds;
    const label = this.#label;
    const { digits, fractionLength, tailLength } = this.#form;
    const end = this.length - tailLength;
    putDigits(label, { end, length: fractionLength }, nanoseconds, digits);
  }

  /** One nanosecond on; nearly always that is one digit. */
  advance(): void {
    if (++this.#nanoseconds === 1_000_000_000) {
      this.#set(this.#seconds + 1, 0);
      return;
    }
    const label = this.#label;
    const { successor, tailLength } = this.#form;
    for (let index = this.length - tailLength - 1;; index--) {
      const next = successor[label[index]!]!;
      label[index] = next;
      if (next !== ZERO) return;
    }
  }
}
