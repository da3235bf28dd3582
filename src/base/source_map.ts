/**
 * Finding the place in our source that a place in the bundle was made from.
 *
 * @see https://tc39.es/ecma426/ for the format
 */

/** The parts of a source map that are used. */
export interface SourceMap {
  /** The source files, as the bundler names them. */
  readonly sources: readonly string[];
  /** For each line of the bundle, separated by `;`, its segments, separated by `,`. */
  readonly mappings: string;
}

/** A place in a source file. */
export interface SourcePlace {
  /** The file. */
  readonly source: string;
  /** Counted from 1. */
  readonly line: number;
  /** Counted from 1. */
  readonly column: number;
}

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const MORE = 32;

/**
 * Finds where a place of the bundle comes from.
 *
 * @param line counted from 1
 * @param column counted from 1
 * @returns the place in the source; undefined for what the bundler wrote itself
 */
export function originOf(map: SourceMap, line: number, column: number): SourcePlace | undefined {
  // All but the column of the bundle go on counting from line to line.
  let [source, originalLine, originalColumn] = [0, 0, 0];
  let found: SourcePlace | undefined;
  for (const [index, segments] of map.mappings.split(";").slice(0, line).entries()) {
    let bundleColumn = 0;
    for (const segment of segments.split(",")) {
      const [step = 0, ...rest] = decodeNumbers(segment);
      bundleColumn += step;
      source += rest[0] ?? 0;
      originalLine += rest[1] ?? 0;
      originalColumn += rest[2] ?? 0;
      if (index !== line - 1 || bundleColumn > column - 1) continue;
      const file = rest.length === 0 ? undefined : map.sources[source];
      found = file === undefined
        ? undefined
        : { source: file, line: originalLine + 1, column: originalColumn + 1 };
    }
  }
  return found;
}

/** Numbers of any length in digits of 5 bits, lowest first; the lowest bit of all is the sign. */
function decodeNumbers(segment: string): number[] {
  const numbers: number[] = [];
  let [number, shift] = [0, 0];
  for (const character of segment) {
    const digit = DIGITS.indexOf(character);
    number += (digit % MORE) << shift;
    shift += 5;
    if (digit >= MORE) continue;
    numbers.push(number % 2 === 1 ? -(number >> 1) : number >> 1);
    [number, shift] = [0, 0];
  }
  return numbers;
}
