/** What a service said last, for the end of a sentence on why it is not up. */

import { decode } from "../base/bytes.ts";
import { SystemError } from "../base/system_error.ts";
import type { Timestamp } from "../base/tai64n.ts";
import { compareTimes } from "../observation/line_time.ts";
import { logDirectoriesOf } from "../observation/log_directories.ts";
import { mergeLogs } from "../observation/log_merge.ts";
import { readLog } from "../observation/log_reader.ts";
import type { ServicePlace } from "../observation/observe.ts";
import type { Context } from "../system/context.ts";
import { withoutControls } from "./screen.ts";

/**
 * The last line that a service has logged since a point of time.
 *
 * @returns the end of a sentence; empty when there is no such line, or the log cannot be read
 */
export async function lastWords(
  { kernel }: Context,
  place: ServicePlace,
  since: Timestamp,
): Promise<string> {
  try {
    const logs = await Promise.all(
      logDirectoriesOf(kernel, place.path).map((each) => readLog(kernel, each, { last: 1 })),
    );
    const line = mergeLogs(logs).at(-1);
    if (line === undefined || compareTimes(line.at, since) < 0) return "";
    return `; last line of its log: ${withoutControls(decode(line.text))}`;
  } catch (error) {
    if (error instanceof SystemError) return "";
    throw error;
  }
}
