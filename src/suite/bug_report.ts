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
export async function describeBug(error: unknown): Promise<string> {
  if (!(error instanceof Error)) return String(error);
  const stack = error.stack ?? error.message;
  const maps = new Map<string, SourceMap | undefined>();
  for (const [, file = ""] of stack.matchAll(BUNDLE_PLACE)) {
    if (!maps.has(file)) maps.set(file, await mapOf(file));
  }
  return stack.replace(BUNDLE_PLACE, (place, file: string, line: string, column: string) => {
    const map = maps.get(file);
    const origin = map && originOf(map, Number(line), Number(column));
    if (origin === undefined) return place;
    return `${origin.source.replace(/^(?:\.\.\/)+/, "")}:${origin.line}:${origin.column}`;
  });
}

/** The map that the executable carries for a file of its bundle. */
async function mapOf(file: string): Promise<SourceMap | undefined> {
  try {
    using compressed = await Deno.open(new URL(`${file}.map.gz`, Deno.mainModule));
    const text = compressed.readable.pipeThrough(new DecompressionStream("gzip"));
    return await new Response(text).json() as SourceMap;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
