/** What tai64n does: a label in front of each line, taken when the line's first byte is read. */

import type { Bytes } from "../../base/bytes.ts";
import type { Converter, Progress } from "./filter.ts";
import { type LabelClock, Labeler } from "../label.ts";
import { copyBytes, copyLine, OVERSHOOT, viewOf } from "../copying.ts";

const NEWLINE = 0x0a;

/** Puts labels in front of lines. */
export class Stamping implements Converter {
  readonly #labeler: Labeler;
  #midLine = false;

  /** Starts in front of a line. */
  constructor(clock: LabelClock) {
    this.#labeler = new Labeler("tai64n", clock);
  }

  convert(input: Bytes, output: Bytes, progress: Progress): void {
    const labeler = this.#labeler;
    let { taken, made } = progress;
    labeler.tick();
    while (taken < input.length && made + labeler.length < output.length) {
      if (!this.#midLine) {
        ({ taken, made } = this.#stampLines(input, output, { taken, made }));
        if (taken === input.length || made + labeler.length >= output.length) break;
      }
      if (!this.#midLine) {
        labeler.write(output, made);
        made += labeler.length;
        this.#midLine = true;
      }
      const newline = input.indexOf(NEWLINE, taken);
      const end = newline < 0 ? input.length : newline + 1;
      const stop = Math.min(end, taken + output.length - made);
      copyBytes(input, taken, stop, output, made);
      made += stop - taken;
      taken = stop;
      if (newline >= 0 && stop === end) this.#midLine = false;
    }
    progress.taken = taken;
    progress.made = made;
  }

  /** Stamps whole lines, as long as nothing is in the way: a line's end not found, little room. */
  #stampLines(input: Bytes, output: Bytes, { taken, made }: Progress): Progress {
    const labeler = this.#labeler;
    const from = viewOf(input);
    const into = viewOf(output);
    const inputEnd = input.length - OVERSHOOT;
    const outputEnd = output.length - OVERSHOOT - labeler.length;
    while (taken < inputEnd && made < outputEnd) {
      labeler.show(into, made);
      const textStart = made + labeler.length;
      const stop = Math.min(inputEnd, taken + output.length - OVERSHOOT - textStart);
      const length = copyLine(from, taken, stop, into, textStart);
      if (length === 0) break;
      labeler.advance();
      taken += length;
      made = textStart + length;
    }
    return { taken, made };
  }
}
