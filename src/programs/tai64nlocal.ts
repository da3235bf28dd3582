/** tai64nlocal: turn the times in front of lines into local ones. @see https://cr.yp.to/daemontools/tai64nlocal.html */

import { EXIT_FAILURE, EXIT_OK } from "../base/exit_codes.ts";
import { errnoOf } from "../base/system_error.ts";
import { runFilter } from "../logging/filter.ts";
import { Relabeling } from "../logging/relabeling.ts";
import { LocalRendering } from "../logging/renderings.ts";
import type { Context } from "../system/context.ts";

/** Converts standard input; exit code 111, without a word, when reading or writing fails. */
export async function run({ kernel }: Context): Promise<number> {
  try {
    await runFilter(kernel, new Relabeling(new LocalRendering(kernel)));
    return EXIT_OK;
  } catch (error) {
    errnoOf(error);
    return EXIT_FAILURE;
  }
}
