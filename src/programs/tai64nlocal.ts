/** tai64nlocal: turn the times in front of lines into local ones. @see https://cr.yp.to/daemontools/tai64nlocal.html */

import { runFilter } from "../logging/filters/filter.ts";
import { Relabeling } from "../logging/filters/relabeling.ts";
import { LocalRendering } from "../logging/filters/renderings.ts";
import type { Context } from "../system/context.ts";

/** Converts standard input; exit code 111, without a word, when reading or writing fails. */
export async function run({ kernel }: Context): Promise<number> {
  return await runFilter(kernel, new Relabeling(new LocalRendering(kernel)));
}
