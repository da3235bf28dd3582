/** tai64n: put a precise time in front of each line. @see https://cr.yp.to/daemontools/tai64n.html */

import { runFilter } from "../logging/filters/filter.ts";
import { Stamping } from "../logging/filters/stamping.ts";
import type { Context } from "../system/context.ts";

/** Stamps standard input; exit code 111, without a word, when reading or writing fails. */
export async function run({ kernel }: Context): Promise<number> {
  return await runFilter(kernel, new Stamping(kernel));
}
