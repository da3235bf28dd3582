/** What is told of an error that no program expects. */

import { originOf, type SourceMap } from "../base/source_map.ts";
import { readCarried } from "./carried.ts";

/** The source maps of the bundle, by the name of the file. */
type SourceMaps = Readonly<Record<string, SourceMap>>;

/** A place in the executable's bundle, as a stack trace names it. */
const BUNDLE_PLACE = /file:\/\/[^\s()]+\/([^\s()/]+\.js):(\d+):(\d+)/g;

/**
 * Describes an error: what it says, and where in our source it came up.
 *
 * @param error whatever was thrown
 * @returns lines of text, without a newline at the end
 */
export async function describeBug(error: unknown): Promise<string> {
  if (!(error instanceof Error)) return String(error);
  const stack = error.stack ?? error.message;
  const maps = await readCarried("maps") as SourceMaps | undefined ?? {};
  return stack.replace(BUNDLE_PLACE, (place, file: string, line: string, column: string) => {
    const map = maps[file];
    const origin = map && originOf(map, Number(line), Number(column));
    if (origin === undefined) return place;
    return `${origin.source.replace(/^(?:\.\.\/)+/, "")}:${origin.line}:${origin.column}`;
  });
}
