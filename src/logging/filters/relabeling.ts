/**
 * What tai64nlocal and tai64nfrac do: a TAI64N label at the beginning of a line is shown in
 * another way. Everything else is copied byte for byte, and so is a label that cannot be shown.
 *
 * A label is `@` and lower-case hexadecimal digits, the last 8 of them nanoseconds, those before
 * them seconds modulo 2^64. What is known of a label when the input ends is dropped.
 *
 * @see https://cr.yp.to/daemontools/tai64nlocal.html
 */

import type { Bytes } from "../../base/bytes.ts";
import { TAI64_OFFSET } from "../../base/tai64n.ts";
import type { Converter, Progress } from "./filter.ts";
import { copyBytes, copyLine, OVERSHOOT, viewOf } from "../copying.ts";

/** How a label is shown. */
export interface Rendering {
  /** Whether only labels of 24 digits are to be shown. */
  readonly isStrict: boolean;
  /**
   * Writes what is shown for a label, at most {@linkcode MAX_RENDERED} bytes.
   *
   * @param seconds since 1970-01-01 UTC
   * @param nanoseconds 32 bits, not checked
   * @returns where it ended; `at` when there is no way to show it
   */
  render(seconds: number | bigint, nanoseconds: number, output: Bytes, at: number): number;
}

/** The longest text that a label may become, in bytes. */
export const MAX_RENDERED = 128;

/** As many bytes are held back to see whether they are a label. */
const MAX_LABEL = 1024;
const USUAL_LABEL = 25;
const NANOSECOND_DIGITS = 8;
const NEWLINE = 0x0a;
const AT_SIGN = 0x40;
const OUTSIDE = 255;

/** The value of each hexadecimal digit, by its code. */
function digitValues(): Uint8Array {
  const values = new Uint8Array(256).fill(OUTSIDE);
  for (let value = 0; value < 16; value++) values[value.toString(16).charCodeAt(0)] = value;
  return values;
}

/** Shows labels in another way. */
export class Relabeling implements Converter {
  readonly #rendering: Rendering;
  readonly #values = digitValues();
  readonly #label = new Uint8Array(MAX_LABEL);
  #labelLength = 0;
  #state: "line start" | "label" | "text" = "line start";

  /** Starts in front of a line. */
  constructor(rendering: Rendering) {
    this.#rendering = rendering;
  }

  convert(input: Bytes, output: Bytes, progress: Progress): void {
    let { taken, made } = progress;
    const from = viewOf(input);
    const into = viewOf(output);
    const inputEnd = input.length - OVERSHOOT;
    // A label held back may have to be copied as it is.
    while (taken < input.length && made + MAX_LABEL + MAX_RENDERED < output.length) {
      if (this.#state === "line start") {
        if (input[taken] !== AT_SIGN) this.#state = "text";
        else {
          const usual = this.#usual(input, taken, output, made);
          if (usual > made) {
            made = usual;
            taken += USUAL_LABEL;
            this.#state = "text";
          } else {
            this.#label[0] = AT_SIGN;
            this.#labelLength = 1;
            taken++;
            this.#state = "label";
          }
        }
      } else if (this.#state === "label") {
        const byte = input[taken]!;
        if (this.#values[byte] !== OUTSIDE && this.#labelLength < MAX_LABEL) {
          this.#label[this.#labelLength++] = byte;
          taken++;
        } else {
          made = this.#endLabel(output, made);
          this.#state = "text";
        }
      } else {
        const room = output.length - made - OVERSHOOT;
        const length = copyLine(from, taken, Math.min(inputEnd, taken + room), into, made);
        if (length > 0) {
          taken += length;
          made += length;
          this.#state = "line start";
          continue;
        }
        const newline = input.indexOf(NEWLINE, taken);
        const end = newline < 0 ? input.length : newline + 1;
        const stop = Math.min(end, taken + output.length - made);
        copyBytes(input, taken, stop, output, made);
        made += stop - taken;
        taken = stop;
        if (newline >= 0 && stop === end) this.#state = "line start";
      }
    }
    progress.taken = taken;
    progress.made = made;
  }

  /** Shows a label of 24 digits from this side of 2106, all of it in the input, if it is one. */
  #usual(input: Bytes, start: number, output: Bytes, made: number): number {
    const values = this.#values;
    const end = start + USUAL_LABEL;
    if (end >= input.length || values[input[end]!] !== OUTSIDE) return made;
    if (input[start + 1] !== 0x34) return made;
    for (let at = start + 2; at < start + 9; at++) if (input[at] !== 0x30) return made;
    let seconds = 0;
    for (let at = start + 9; at < start + 17; at++) {
      const value = values[input[at]!]!;
      if (value === OUTSIDE) return made;
      seconds = seconds * 16 + value;
    }
    let nanoseconds = 0;
    for (let at = start + 17; at < end; at++) {
      const value = values[input[at]!]!;
      if (value === OUTSIDE) return made;
      nanoseconds = nanoseconds * 16 + value;
    }
    return this.#rendering.render(seconds - 10, nanoseconds, output, made);
  }

  #endLabel(output: Bytes, made: number): number {
    const label = this.#label.subarray(0, this.#labelLength);
    const secondsEnd = label.length - NANOSECOND_DIGITS;
    const isShown = !this.#rendering.isStrict || label.length === USUAL_LABEL;
    if (isShown && secondsEnd > 1 && label.length < MAX_LABEL) {
      let seconds = 0n;
      for (let at = 1; at < secondsEnd; at++) {
        seconds = BigInt.asUintN(64, seconds * 16n + BigInt(this.#values[label[at]!]!));
      }
      let nanoseconds = 0;
      for (let at = secondsEnd; at < label.length; at++) {
        nanoseconds = nanoseconds * 16 + this.#values[label[at]!]!;
      }
      const since1970 = BigInt.asIntN(64, seconds - TAI64_OFFSET);
      const shown = this.#rendering.render(since1970, nanoseconds, output, made);
      if (shown > made) return shown;
    }
    output.set(label, made);
    return made + label.length;
  }
}
