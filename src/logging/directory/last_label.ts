/**
 * The last label in a log, so that the next run can go on above it: the clock may have been set
 * back in between.
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

/** What is needed of the kernel. */
export type TailKernel = Pick<Kernel, "openRead" | "statFd" | "seek" | "read" | "close">;

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
 * The time of the last line that has a label. Lines without one are passed over: a crash, or
 * a processor, may have left them at the end.
 *
 * @param tail the end of a file, from the beginning of a line on
 */
export function lastLabelTime(tail: Bytes, form: LabelForm): Timestamp | undefined {
  for (let end = tail.length; end > 0;) {
    const start = end < 2 ? 0 : tail.lastIndexOf(NEWLINE, end - 2) + 1;
    if (end - start >= MIN_LABEL_SIZE) {
      const text = decode(tail.subarray(start, Math.min(end, start + MAX_LABEL_SIZE)));
      const time = parseLabel(text, form);
      if (time !== undefined) return time;
    }
    end = start;
  }
  return undefined;
}

/**
 * The end of a file, from the beginning of a line on; nothing when that is too far away, or the
 * file cannot be read.
 *
 * @param into where it is put, TAIL_SIZE bytes
 */
export function readTail(
  kernel: TailKernel,
  { directoryFd, file }: { readonly directoryFd: number; readonly file: Path },
  into: Bytes,
): Bytes {
  const tail = into.subarray(0, TAIL_SIZE);
  try {
    const fd = kernel.openRead(directoryFd, file);
    try {
      const start = Math.max(0, kernel.statFd(fd).size - TAIL_SIZE);
      if (start > 0) kernel.seek(fd, start);
      const read = tail.subarray(0, Math.max(0, kernel.read(fd, tail)));
      return start === 0 ? read : read.subarray(firstLine(read));
    } finally {
      kernel.close(fd);
    }
  } catch (error) {
    // Labels then begin with the present, as for an empty log.
    ignoreSystemError(error);
    return tail.subarray(0, 0);
  }
}

/** Where the first line begins that has its beginning here. */
function firstLine(bytes: Bytes): number {
  const newline = bytes.indexOf(NEWLINE);
  return newline < 0 ? bytes.length : newline + 1;
}
