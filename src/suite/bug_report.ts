/** What is told of an error that no program expects. */

import { originOf, type SourceMap } from "../base/source_map.ts";

/** A place in the executable's bundle, as a stack trace names it. */
const BUNDLE_PLACE = /file:\/\/[^\s()]+\/([^\s()/]+\.js):(\d+):(\d+)/g;

/**
 * Describes an error: what it says, and where in our source it came up.
 *
 * @param error whatever was thrown
 * @returns lines of text, without a newline at the end
 */
export function describeBug(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const stack = error.stack ?? error.message;
  return stack.replace(BUNDLE_PLACE, (place, file: string, line: string, column: string) => {
    const map = mapOf(file);
    const origin = map && originOf(map, Number(line), Number(column));
    if (origin === undefined) return place;
    return `${origin.source.replace(/^(?:\.\.\/)+/, "")}:${origin.line}:${origin.column}`;
  });
}

/** The map that the executable carries for a file of its bundle. */
function mapOf(file: string): SourceMap | undefined {
  try {
    return JSON.parse(Deno.readTextFileSync(new URL(`${file}.map`, Deno.mainModule))) as SourceMap;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
