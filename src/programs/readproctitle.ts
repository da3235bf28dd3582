/** readproctitle: show messages in a process title. @see https://cr.yp.to/daemontools/readproctitle.html */

import { EXIT_FAILURE, EXIT_OK, EXIT_USAGE } from "../base/exit_codes.ts";
import { ignoreSystemError } from "../base/system_error.ts";
import { MIN_TITLE_SIZE, scrollTitle } from "../logging/title.ts";
import type { Context } from "../system/context.ts";
import { WOULD_BLOCK } from "../base/kernel_constants.ts";

const DOT = 0x2e;
const BLOCK_SIZE = 65536;

/** Shows the last bytes of standard input in place of the last argument. Wrong usage is silent. */
export async function run({ kernel, args }: Context): Promise<number> {
  const size = args.at(-1)?.length ?? 0;
  if (size < MIN_TITLE_SIZE) return EXIT_USAGE;
  const title = kernel.lastArgument(size);
  title.fill(DOT);
  const block = new Uint8Array(BLOCK_SIZE);
  try {
    for (;;) {
      const count = kernel.read(0, block);
      if (count === 0) return EXIT_OK;
      if (count === WOULD_BLOCK) return EXIT_FAILURE;
      scrollTitle(title, block.subarray(0, count));
    }
  } catch (error) {
    ignoreSystemError(error);
    return EXIT_FAILURE;
  }
}
