/** Lines of several logs in order of time. */

import { compareTimes } from "./line_time.ts";
import type { LogLine } from "./log_reader.ts";

/**
 * Merges logs, each of which keeps its own order: a line without a time, or with one that is
 * earlier than the line's before it, stays behind that line.
 */
export function mergeLogs<T extends LogLine>(logs: readonly (readonly T[])[]): T[] {
  if (logs.length === 1) return [...logs[0]!];
  const dated = logs.flatMap((lines) => {
    let latest = lines[0]?.at;
    return lines.map((line) => {
      if (compareTimes(line.at, latest) > 0) latest = line.at;
      return { line, at: latest };
    });
  });
  // The order of what is equal stays: of one log, and of the logs.
  return dated.sort((a, b) => compareTimes(a.at, b.at)).map(({ line }) => line);
}
