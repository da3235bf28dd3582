/**
 * From input to logs: finds the lines in what was read, puts labels on them, selects, and appends
 * them to the logs where they belong.
 *
 * Input comes in chunks, as large as there is something to read. daemontools' multilog reads 1024
 * bytes at a time, and writes its buffers before each read; where its files end depends on that.
 * So a chunk is taken as windows of 1024 bytes, and the logs' cut rules are told of each.
 *
 * Length: the paths through it share the state of the line that is under way.
 */

import { type Bytes, EMPTY, encode } from "../base/bytes.ts";
import type { Timestamp } from "../base/tai64n.ts";
import { type LabelClock, Labeler, type LabelerOptions } from "./label.ts";
import type { LogDirectory } from "./directory/log_directory.ts";
import { copyBytes, copyLine, OVERSHOOT, viewOf } from "./copying.ts";
import { matches } from "./pattern.ts";
import type { Script } from "./script.ts";
import type { StatusFile } from "./status_file.ts";

/** As much of a line as selection looks at. */
const HEAD_SIZE = 1000;
/** What daemontools' multilog reads at a time, in bytes; chunks are whole windows. */
export const WINDOW_SIZE = 1024;
/** As much of a line as goes to standard error. */
const SHOWN_SIZE = 200;
/** Below this, taking many lines at once is not worth while. */
const BULK_SIZE = 4096;
/** What goes to standard error goes there in pieces that no other writer can come between. */
const ERROR_BUFFER_SIZE = 4096;
const NEWLINE = 0x0a;
const DOTS = encode("...");

/** An action, ready to be done. */
export type Step =
  | { readonly kind: "select" | "deselect"; readonly pattern: Bytes }
  | { readonly kind: "stderr" }
  | { readonly kind: "status"; readonly file: StatusFile }
  | { readonly kind: "directory"; readonly log: LogDirectory };

/** What the router works with. */
export interface RouterParts {
  /** What is done with each line, in order. */
  readonly steps: readonly Step[];
  /** The labels that lines get. */
  readonly label: Script["label"];
  /** What labels begin with, and what is told of them. */
  readonly labels: LabelerOptions;
  /** What time it is. */
  readonly clock: LabelClock;
  /** Writes to standard error. */
  readonly writeError: (bytes: Bytes) => void;
}

/** Takes input apart. */
export class Router {
  readonly #steps: readonly Step[];
  readonly #logs: readonly LogDirectory[];
  readonly #labeler: Labeler | undefined;
  readonly #labelLength: number;
  readonly #writeError: (bytes: Bytes) => void;
  /** The only log, if the script is patterns and one log behind them. */
  readonly #only: LogDirectory | undefined;
  readonly #selectors: readonly { readonly selects: boolean; readonly pattern: Bytes }[];
  /** Whether every line goes to every log, and nowhere else. */
  readonly #isPlain: boolean;
  /** The first bytes of the line under way, its label included. */
  readonly #head = new Uint8Array(HEAD_SIZE);
  #headLength = 0;
  #midLine = false;
  /** Whether the head of the line under way has gone where it belongs, and the rest follows. */
  #isLong = false;
  /** Where the line under way goes. */
  #targets: LogDirectory[] = [];
  /** What is taken in. */
  #view = viewOf(new Uint8Array(0));
  /** Behind the last byte of the present window. */
  #windowEnd = WINDOW_SIZE;
  readonly #errors: Bytes;
  #errorLength = 0;

  /** Starts between two lines. */
  constructor({ steps, label, labels, clock, writeError }: RouterParts) {
    this.#steps = steps;
    this.#logs = steps.flatMap((step) => step.kind === "directory" ? [step.log] : []);
    const last = steps.at(-1);
    const patterns = steps.slice(0, -1);
    const isSimple = patterns.every(({ kind }) => kind === "select" || kind === "deselect");
    this.#only = isSimple && last?.kind === "directory" ? last.log : undefined;
    this.#selectors = steps.flatMap((step) =>
      step.kind === "select" || step.kind === "deselect"
        ? [{ selects: step.kind === "select", pattern: step.pattern }]
        : []
    );
    const showsErrors = steps.some((step) => step.kind === "stderr");
    this.#errors = new Uint8Array(showsErrors ? ERROR_BUFFER_SIZE : 0);
    this.#isPlain = steps.every((step) => step.kind === "directory");
    this.#labeler = label === null ? undefined : new Labeler(label, clock, labels);
    this.#labelLength = this.#labeler?.length ?? 0;
    this.#writeError = writeError;
  }

  /** Whether a line has begun and not ended. */
  get midLine(): boolean {
    return this.#midLine;
  }

  /** The beginning of a line, without its label, as long as nothing of it has gone anywhere. */
  get unfinished(): Bytes {
    if (!this.#midLine || this.#isLong) return EMPTY;
    return this.#head.subarray(this.#labelLength, this.#headLength);
  }

  /** The label that comes next; undefined where lines get none. */
  get nextLabel(): Timestamp | undefined {
    return this.#labeler?.next;
  }

  /**
   * Takes in all of `chunk`, which is not looked at afterwards. What comes of it is on its way when
   * {@linkcode commit} is called.
   *
   * @param view of the same memory, and of what lies behind it, if it may be looked at
   */
  take(chunk: Bytes, view: DataView): void {
    this.#view = view;
    this.#labeler?.tick();
    this.#windowEnd = WINDOW_SIZE;
    for (const log of this.#logs) log.rule.beginInput();
    let at = 0;
    while (at < chunk.length) {
      if (this.#midLine) at = this.#continueLine(chunk, at);
      else if (this.#isPlain && this.#labeler === undefined) at = this.#takePlainLines(chunk, at);
      else at = this.#takeLines(chunk, at);
    }
    for (const log of this.#logs) log.rule.flush();
  }

  /** Ends the last line, if it has no newline. */
  finish(): void {
    if (!this.#midLine) return;
    if (!this.#isLong) this.#dispatch(this.#head, 0, this.#headLength, 0);
    this.#endLine(0);
    this.commit();
  }

  /** Has everything written that came of what was taken in. */
  commit(): void {
    for (const log of this.#logs) log.commit();
    for (const step of this.#steps) if (step.kind === "status") step.file.commit();
    this.#flushErrors();
  }

  /** Tells the logs of the windows that end before byte `at` is looked at. */
  #enter(at: number): void {
    if (at < this.#windowEnd) return;
    for (const log of this.#logs) log.rule.flush();
    this.#windowEnd = at - at % WINDOW_SIZE + WINDOW_SIZE;
  }

  #beginLine(): void {
    this.#labeler?.write(this.#head, 0);
    this.#headLength = this.#labelLength;
    this.#midLine = true;
    this.#isLong = false;
  }

  /** Takes whole short lines from `at` on; the first that is not one is begun. */
  #takeLines(chunk: Bytes, at: number): number {
    const labeler = this.#labeler;
    const labelLength = this.#labelLength;
    while (at < chunk.length) {
      if (this.#only !== undefined) at = this.#takeLinesFor(this.#only, chunk, at);
      const end = chunk.indexOf(NEWLINE, at);
      const length = end - at + labelLength;
      if (end < 0 || length >= HEAD_SIZE) {
        if (at < chunk.length) this.#beginLine();
        return at;
      }
      this.#enter(end);
      if (labeler === undefined) this.#dispatch(chunk, at, end, end);
      else {
        labeler.write(this.#head, 0);
        copyBytes(chunk, at, end, this.#head, labelLength);
        this.#dispatch(this.#head, 0, length, end);
      }
      at = end + 1;
      this.#endLine(at);
    }
    return at;
  }

  /**
   * Takes short lines for the only log there is: each is put together where it is to be, and stays
   * there if it is selected. Stops at a line that is not short, or near the chunk's end.
   */
  #takeLinesFor(log: LogDirectory, chunk: Bytes, at: number): number {
    const { queue, rule } = log;
    const labeler = this.#labeler;
    const labelLength = this.#labelLength;
    const selectors = this.#selectors;
    const input = this.#view;
    const inputEnd = Math.min(chunk.length, input.byteLength - OVERSHOOT);
    const longest = HEAD_SIZE - labelLength;
    while (at < inputEnd) {
      queue.ensure(2 * HEAD_SIZE);
      const { block, view } = queue;
      const start = queue.fill;
      const textStart = start + labelLength;
      // First, as what it writes behind itself is overwritten by the line.
      labeler?.show(view, start);
      const taken = copyLine(input, at, Math.min(inputEnd, at + longest), view, textStart);
      if (taken === 0 || taken > longest || at + taken > chunk.length) return at;
      labeler?.advance();
      if (at + taken > this.#windowEnd) this.#enter(at + taken - 1);
      at += taken;
      const end = textStart + taken;
      let selected = true;
      for (let index = 0; index < selectors.length; index++) {
        const { selects, pattern } = selectors[index]!;
        if (selected !== selects && matches(pattern, block, start, end - 1)) selected = selects;
      }
      if (!selected) continue;
      queue.fill = end;
      rule.appendLine(end - 1 - start, at);
    }
    return at;
  }

  /** Takes lines that all go to all logs as they are: as many at once as no file ends within. */
  #takePlainLines(chunk: Bytes, at: number): number {
    let distance = Infinity;
    for (const log of this.#logs) distance = Math.min(distance, log.rule.distance);
    let regionEnd = Math.min(chunk.length, at + Math.max(0, distance));
    if (regionEnd < chunk.length) regionEnd -= regionEnd % WINDOW_SIZE;
    while (regionEnd - at >= BULK_SIZE) {
      const linesEnd = chunk.lastIndexOf(NEWLINE, regionEnd - 1) + 1;
      // The rest must be a line whose head is not complete in this region.
      if (regionEnd - linesEnd < HEAD_SIZE && linesEnd > at) {
        for (const { queue, rule } of this.#logs) {
          rule.flush();
          rule.skip(linesEnd - at, linesEnd);
          queue.append(chunk, at, linesEnd);
        }
        this.#windowEnd = regionEnd - regionEnd % WINDOW_SIZE + WINDOW_SIZE;
        if (linesEnd < chunk.length) this.#beginLine();
        return linesEnd;
      }
      regionEnd = Math.min(linesEnd, regionEnd - 1);
      regionEnd -= regionEnd % WINDOW_SIZE;
    }
    return this.#takeFewLines(chunk, at);
  }

  /** Takes lines up to the end of the present window, one by one. */
  #takeFewLines(chunk: Bytes, at: number): number {
    while (at < chunk.length) {
      const end = chunk.indexOf(NEWLINE, at);
      if (end < 0 || end - at >= HEAD_SIZE) {
        this.#beginLine();
        return at;
      }
      const entered = end >= this.#windowEnd;
      if (entered) this.#enter(end);
      this.#dispatch(chunk, at, end, end);
      at = end + 1;
      this.#endLine(at);
      if (entered) return at;
    }
    return at;
  }

  /** Goes on with the line under way; returns where it ended, or the chunk's end. */
  #continueLine(chunk: Bytes, from: number): number {
    const newline = chunk.indexOf(NEWLINE, from);
    const stop = newline < 0 ? chunk.length : newline;
    let at = from;
    if (!this.#isLong) {
      const taken = Math.min(HEAD_SIZE - this.#headLength, stop - at);
      copyBytes(chunk, at, at + taken, this.#head, this.#headLength);
      this.#headLength += taken;
      at += taken;
      if (this.#headLength === HEAD_SIZE) {
        this.#enter(at - 1);
        this.#dispatch(this.#head, 0, HEAD_SIZE, at);
        this.#isLong = true;
      } else if (newline < 0) {
        return chunk.length;
      } else {
        this.#enter(newline);
        this.#dispatch(this.#head, 0, this.#headLength, newline);
        this.#endLine(newline + 1);
        return newline + 1;
      }
    }
    while (at < stop) {
      this.#enter(at);
      const pieceEnd = Math.min(stop, this.#windowEnd);
      for (const { queue, rule } of this.#targets) {
        queue.append(chunk, at, pieceEnd);
        rule.appendSingly(pieceEnd - at, pieceEnd);
      }
      at = pieceEnd;
    }
    if (newline < 0) return chunk.length;
    this.#enter(newline);
    this.#endLine(newline + 1);
    return newline + 1;
  }

  /**
   * Does with a line's head what the script says, and notes where the rest of the line goes.
   *
   * @param sourceEnd where in the chunk the head's text ends
   */
  #dispatch(line: Bytes, start: number, end: number, sourceEnd: number): void {
    const targets = this.#targets;
    targets.length = 0;
    let selected = true;
    for (const step of this.#steps) {
      switch (step.kind) {
        case "deselect":
          if (selected && matches(step.pattern, line, start, end)) selected = false;
          break;
        case "select":
          if (!selected && matches(step.pattern, line, start, end)) selected = true;
          break;
        case "stderr":
          if (selected) this.#show(line, start, end);
          break;
        case "status":
          if (selected) step.file.set(line, start, end);
          break;
        case "directory":
          if (!selected) break;
          step.log.queue.append(line, start, end);
          step.log.rule.appendBlock(end - start, sourceEnd);
          targets.push(step.log);
      }
    }
  }

  /** @param sourceEnd where in the chunk the line ends, with its newline */
  #endLine(sourceEnd: number): void {
    for (const { queue, rule } of this.#targets) {
      queue.ensure(1);
      queue.block[queue.fill++] = NEWLINE;
      rule.appendNewline(sourceEnd);
    }
    this.#targets.length = 0;
    this.#midLine = false;
  }

  #show(line: Bytes, start: number, end: number): void {
    if (this.#errorLength + SHOWN_SIZE + DOTS.length + 1 > ERROR_BUFFER_SIZE) this.#flushErrors();
    const isCut = end - start > SHOWN_SIZE;
    const shownEnd = isCut ? start + SHOWN_SIZE : end;
    copyBytes(line, start, shownEnd, this.#errors, this.#errorLength);
    this.#errorLength += shownEnd - start;
    if (isCut) {
      this.#errors.set(DOTS, this.#errorLength);
      this.#errorLength += DOTS.length;
    }
    this.#errors[this.#errorLength++] = NEWLINE;
  }

  #flushErrors(): void {
    if (this.#errorLength > 0) this.#writeError(this.#errors.subarray(0, this.#errorLength));
    this.#errorLength = 0;
  }
}
