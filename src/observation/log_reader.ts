/** Reading what a log holds already: its last lines, or those from a point of time on. */

import { toBytes } from "@std/streams/to-bytes";
import { type Bytes, concat, EMPTY } from "../base/bytes.ts";
import { CWD } from "../base/kernel_constants.ts";
import { unlessMissing } from "../base/system_error.ts";
import { parseTai64nLabel, type Timestamp } from "../base/tai64n.ts";
import { compareTimes, readLineTime } from "./line_time.ts";
import { labelOf, type LogFiles, oldLogNames } from "./log_directories.ts";

const NEWLINE = 0x0a;
const PIECE_SIZE = 65536;

/** A line of a log. */
export interface LogLine {
  /** When it was written; that of the line before it, when it does not say. */
  readonly at: Timestamp | undefined;
  /** The line as it stands in the file, without its newline. */
  readonly raw: Bytes;
  /** The same without the time in front. */
  readonly text: Bytes;
}

/** Which lines are wanted. */
export interface LogQuery {
  /** At most so many, the last ones. */
  readonly last?: number;
  /** None from before this. */
  readonly since?: Timestamp;
  /** Only those for which this holds. */
  readonly keep?: (line: LogLine) => boolean;
}

/** Reads an open file from where it stands to its end. */
export function readToEnd(files: Pick<LogFiles, "read">, fd: number): Bytes {
  const pieces: Bytes[] = [];
  for (;;) {
    const piece = new Uint8Array(PIECE_SIZE);
    const length = files.read(fd, piece);
    if (length <= 0) return concat(...pieces);
    pieces.push(piece.subarray(0, length));
  }
}

/** Reads a file of a log whole, compressed or not; nothing when it is gone. */
export async function readLogFile(files: LogFiles, path: string): Promise<Bytes> {
  const fd = unlessMissing(() => files.openRead(CWD, path));
  if (fd === undefined) return path.endsWith(".gz") ? EMPTY : await readCompressed(files, path);
  try {
    const bytes = readToEnd(files, fd);
    return path.endsWith(".gz") ? await decompress(bytes) : bytes;
  } finally {
    files.close(fd);
  }
}

/** What was there a moment ago may have been compressed since. */
async function readCompressed(files: LogFiles, path: string): Promise<Bytes> {
  return /\/@[^/]*$/.test(path) ? await readLogFile(files, `${path}.gz`) : EMPTY;
}

async function decompress(bytes: Bytes): Promise<Bytes> {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return await toBytes(stream) as Bytes;
}

/** Takes bytes apart into lines; the last one need not have its newline. */
export function linesOf(bytes: Bytes, before?: Timestamp): LogLine[] {
  const lines: LogLine[] = [];
  let at = before;
  for (let start = 0; start < bytes.length;) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline < 0 ? bytes.length : newline;
    const raw = bytes.subarray(start, end);
    const dated = readLineTime(raw);
    at = dated.at ?? at;
    lines.push({ at, raw, text: dated.text });
    start = end + 1;
  }
  return lines;
}

/**
 * Reads the lines of a log that are wanted, the oldest first.
 *
 * @throws {SystemError} when the log cannot be read
 */
export async function readLog(
  files: LogFiles,
  directory: string,
  query: LogQuery,
): Promise<LogLine[]> {
  const names = [...oldLogNames(files, directory), "previous", "current"];
  return await readLogFiles(files, names.map((name) => `${directory}/${name}`), query);
}

/** Reads the lines that are wanted of a log's files, which are given in order of time. */
export async function readLogFiles(
  files: LogFiles,
  paths: readonly string[],
  { last = Infinity, since, keep = () => true }: LogQuery,
): Promise<LogLine[]> {
  const found: LogLine[][] = [];
  let count = 0;
  for (const path of paths.toReversed()) {
    if (count >= last) break;
    const finished = parseTai64nLabel(labelOf(path.slice(path.lastIndexOf("/") + 1)));
    // All of its lines are older.
    if (since !== undefined && finished !== undefined && compareTimes(finished, since) < 0) break;
    const lines = linesOf(await readLogFile(files, path)).filter((line) =>
      (since === undefined || compareTimes(line.at, since) >= 0) && keep(line)
    );
    const wanted = lines.slice(Math.max(0, lines.length - (last - count)));
    found.unshift(wanted);
    count += wanted.length;
  }
  return found.flat();
}
