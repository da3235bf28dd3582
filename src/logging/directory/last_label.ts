/**
 * The last label in a log, so that the next run can go on above it: the clock may have been set
 * back in between.
 *
 * A line may begin with a label that its service printed, in a log whose lines got none from us. Such
 * a label must not lead ours. Ours is never later than the clock was when it was written, and that
 * is the time of its file; but for labels that went on above a clock that was set back, of which
 * `noteLabel` of LockedDirectory keeps a note.
 */

import { type Bytes, decode } from "../../base/bytes.ts";
import { ignoreSystemError } from "../../base/system_error.ts";
import { TAI64_OFFSET, type Timestamp } from "../../base/tai64n.ts";
import type { Kernel, Path } from "../../system/kernel.ts";
import type { LabelForm } from "../label.ts";

/** As much of a file's end as is looked at, in bytes: far more than most lines need. */
export const TAIL_SIZE = 65536;
/** No label with its blank is shorter or longer, in bytes. */
const MIN_LABEL_SIZE = 26;
const MAX_LABEL_SIZE = 36;
/** The year 9999 begins: every form can show this, and what follows for a while. */
const MAX_SECONDS = 253370764800n;
const NEWLINE = 0x0a;
const TAI64N = /^@([0-9a-f]{16})([0-9a-f]{8}) /;
const ISO =
  /^([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})\.([0-9]{9})(Z|[+-][0-9:]{5}) /;

/**
 * So many seconds may a label of ours be later than its file: some file systems keep whole seconds,
 * and a note is taken of a lead of a second.
 */
const SLACK_SECONDS = 1;

/** What is needed of the kernel. */
export type TailKernel = Pick<
  Kernel,
  "openRead" | "statFd" | "seek" | "read" | "close" | "fileTimes"
>;

/** The end of a log. */
export interface Tail {
  /** From the beginning of a line on. */
  readonly bytes: Bytes;
  /** No label of ours is later than this, give or take a moment. */
  readonly latest: Timestamp;
}

/** The later of two points of time, of which either may be missing. */
export function laterOf(a: Timestamp | undefined, b: Timestamp | undefined): Timestamp | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  const isLater = a.seconds === b.seconds ? a.nanoseconds > b.nanoseconds : a.seconds > b.seconds;
  return isLater ? a : b;
}

/** What a label at the beginning of a text stands for, if there is one. */
function parseLabel(text: string, form: LabelForm): Timestamp | undefined {
  let seconds: bigint;
  let nanoseconds: number;
  if (form === "tai64n") {
    const [, high, low] = TAI64N.exec(text) ?? [];
    if (high === undefined || low === undefined) return undefined;
    seconds = BigInt(`0x${high}`) - TAI64_OFFSET;
    nanoseconds = parseInt(low, 16);
  } else {
    const [, date, fraction, zone] = ISO.exec(text) ?? [];
    const milliseconds = Date.parse(`${date}${zone}`);
    if (Number.isNaN(milliseconds)) return undefined;
    seconds = BigInt(milliseconds / 1000);
    nanoseconds = Number(fraction);
  }
  const isSound = seconds >= 0n && seconds <= MAX_SECONDS && nanoseconds < 1_000_000_000;
  return isSound ? { seconds: Number(seconds), nanoseconds } : undefined;
}

/**
 * The time of the last line that has a label of ours. Lines without one are passed over: a crash, or
 * a processor, may have left them at the end.
 */
export function lastLabelTime(
  { bytes: tail, latest }: Tail,
  form: LabelForm,
): Timestamp | undefined {
  for (let end = tail.length; end > 0;) {
    const start = end < 2 ? 0 : tail.lastIndexOf(NEWLINE, end - 2) + 1;
    if (end - start >= MIN_LABEL_SIZE) {
      const text = decode(tail.subarray(start, Math.min(end, start + MAX_LABEL_SIZE)));
      const time = parseLabel(text, form);
      const isOurs = time !== undefined && time.seconds <= latest.seconds + SLACK_SECONDS;
      if (isOurs) return time;
    }
    end = start;
  }
  return undefined;
}

/**
 * The end of a file, from the beginning of a line on, with the file's time; no bytes when that
 * beginning is too far away, undefined when the file cannot be read.
 *
 * @param into where it is put, TAIL_SIZE bytes
 */
export function readTail(
  kernel: TailKernel,
  { directoryFd, file }: { readonly directoryFd: number; readonly file: Path },
  into: Bytes,
): Tail | undefined {
  const tail = into.subarray(0, TAIL_SIZE);
  try {
    const fd = kernel.openRead(directoryFd, file);
    try {
      const start = Math.max(0, kernel.statFd(fd).size - TAIL_SIZE);
      if (start > 0) kernel.seek(fd, start);
      const read = tail.subarray(0, Math.max(0, kernel.read(fd, tail)));
      const bytes = start === 0 ? read : read.subarray(firstLine(read));
      return { bytes, latest: kernel.fileTimes(directoryFd, file).modified };
    } finally {
      kernel.close(fd);
    }
  } catch (error) {
    // Labels then begin with the present, as for an empty log.
    ignoreSystemError(error);
    return undefined;
  }
}

/** Where the first line begins that has its beginning here. */
function firstLine(bytes: Bytes): number {
  const newline = bytes.indexOf(NEWLINE);
  return newline < 0 ? bytes.length : newline + 1;
}
