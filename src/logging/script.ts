/**
 * multilog's script: its arguments, each an action by its first byte.
 *
 * What daemontools' multilog passes over without a word (a letter that it does not know) is
 * passed over here too, with a warning; our additions are such words, so that no script that
 * exists means anything else than before.
 *
 * @see https://cr.yp.to/daemontools/multilog.html
 */

import { type Bytes, decode } from "../base/bytes.ts";
import { EXIT_USAGE } from "../base/exit_codes.ts";
import { messageLine, ProgramEnd } from "../base/messages.ts";
import type { LabelForm } from "./label.ts";

/** What holds for a log directory. */
export interface DirectoryPlan {
  /** Its name as it was given. */
  readonly path: Bytes;
  /** What `current` never exceeds, in bytes. */
  readonly sizeBytes: number;
  /** One more than how many old files are kept. */
  readonly keep: number;
  /** What each old file goes through; a shell's command. */
  readonly processor?: Bytes | undefined;
  /** What all files of the directory together never exceed, in bytes; 0 is no limit. */
  readonly totalBytes: number;
  /** When `current` is closed though it has room, in seconds after its first byte; 0 is never. */
  readonly maxAgeSeconds: number;
  /** Whether old files are compressed. */
  readonly gzip: boolean;
}

/** One thing to do with each line, in order. */
export type Action =
  | { readonly kind: "select" | "deselect"; readonly pattern: Bytes }
  | { readonly kind: "stderr" }
  | { readonly kind: "status"; readonly path: Bytes }
  | { readonly kind: "directory"; readonly plan: DirectoryPlan };

/** A script that was read. */
export interface Script {
  /** The labels that lines get. */
  readonly label: LabelForm | null;
  /** What is done with each line. */
  readonly actions: readonly Action[];
  /** Words without a meaning, or without one at their place. */
  readonly ignored: readonly Bytes[];
}

const MIN_SIZE = 4096n;
const MAX_SIZE = 16777215n;
const NUMBER_MODULUS = 1n << 64n;

/** The leading decimal digits, modulo 2^64 as the C program's numbers are; none is 0. */
function leadingNumber(text: string): bigint {
  const digits = /^[0-9]*/.exec(text)![0];
  return BigInt(digits === "" ? 0 : digits) % NUMBER_MODULUS;
}

function clamp(value: bigint, min: bigint, max: bigint): number {
  return Number(value < min ? min : value > max ? max : value);
}

/** The number in one of our own words, which must be nothing but a number. */
function ownNumber(word: string): number {
  const digits = word.slice(word.indexOf("=") + 1);
  const value = Number(digits);
  if (/^[0-9]+$/.test(digits) && Number.isSafeInteger(value)) return value;
  throw new ProgramEnd(EXIT_USAGE, messageLine("multilog", "fatal", [`no number in ${word}`]));
}

/**
 * Reads a script.
 *
 * @throws {ProgramEnd} with exit code 100 when a word of ours has no sound value
 */
export function parseScript(args: readonly Bytes[]): Script {
  const actions: Action[] = [];
  const ignored: Bytes[] = [];
  let label: LabelForm | null = null;
  let plan: Omit<DirectoryPlan, "path"> = {
    sizeBytes: 99999,
    keep: 10,
    totalBytes: 0,
    maxAgeSeconds: 0,
    gzip: false,
  };
  args.forEach((arg, index) => {
    const rest = arg.subarray(1);
    const word = decode(arg);
    switch (word[0]) {
      case undefined:
        return;
      case "t":
        // Behind another action it has always been without effect.
        if (index === 0) label = "tai64n";
        return;
      case "+":
      case "-":
        actions.push({ kind: word[0] === "+" ? "select" : "deselect", pattern: rest });
        return;
      case "e":
        actions.push({ kind: "stderr" });
        return;
      case "=":
        actions.push({ kind: "status", path: rest });
        return;
      case ".":
      case "/":
        actions.push({ kind: "directory", plan: { ...plan, path: arg } });
        return;
      case "s":
        plan = { ...plan, sizeBytes: clamp(leadingNumber(word.slice(1)), MIN_SIZE, MAX_SIZE) };
        return;
      case "n":
        plan = { ...plan, keep: clamp(leadingNumber(word.slice(1)), 2n, NUMBER_MODULUS) };
        return;
      case "!":
        plan = { ...plan, processor: rest };
        return;
    }
    if (word === "iso=utc" && index === 0) label = "iso-utc";
    else if (word === "iso=local" && index === 0) label = "iso-local";
    else if (word === "gzip=yes") plan = { ...plan, gzip: true };
    else if (word === "gzip=no") plan = { ...plan, gzip: false };
    else if (word.startsWith("limit=")) plan = { ...plan, totalBytes: ownNumber(word) };
    else if (word.startsWith("age=")) plan = { ...plan, maxAgeSeconds: ownNumber(word) };
    else ignored.push(arg);
  });
  return { label, actions, ignored };
}
