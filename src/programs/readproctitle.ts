/** readproctitle: show messages in a process title. @see https://cr.yp.to/daemontools/readproctitle.html */

import type { Bytes } from "../base/bytes.ts";
import { EXIT_FAILURE, EXIT_OK, EXIT_USAGE } from "../base/exit_codes.ts";
import { ignoreSystemError } from "../base/system_error.ts";
import { MIN_TITLE_SIZE, scrollTitle } from "../logging/title.ts";
import type { Context } from "../system/context.ts";
import type { Kernel } from "../system/kernel.ts";
import { WOULD_BLOCK } from "../base/kernel_constants.ts";

const DOT = 0x2e;
const BLOCK_SIZE = 65536;
/** What can be written to anything that is writable at all. @see pipe(7), PIPE_BUF */
const SAFE_SIZE = 4096;

/**
 * Shows the last bytes of standard input in place of the last argument, and copies all of it to
 * standard error, so that a journal gets it too. Wrong usage is silent.
 */
export async function run({ kernel, args }: Context): Promise<number> {
  const size = args.at(-1)?.length ?? 0;
  if (size < MIN_TITLE_SIZE) return EXIT_USAGE;
  const title = kernel.lastArgument(size);
  title.fill(DOT);
  const block = new Uint8Array(BLOCK_SIZE);
  const copies = !isSameFile(kernel, 0, 2);
  try {
    for (;;) {
      const count = kernel.read(0, block);
      if (count === 0) return EXIT_OK;
      if (count === WOULD_BLOCK) return EXIT_FAILURE;
      const text = block.subarray(0, count);
      scrollTitle(title, text);
      if (copies) copy(kernel, text);
    }
  } catch (error) {
    ignoreSystemError(error);
    return EXIT_FAILURE;
  }
}

/** Whether two descriptors lead to the same: what we write there would come back. */
function isSameFile(kernel: Kernel, one: number, other: number): boolean {
  try {
    const [first, second] = [kernel.statFd(one), kernel.statFd(other)];
    return first.inode === second.inode && first.device === second.device;
  } catch (error) {
    ignoreSystemError(error);
    return true;
  }
}

/** Copies to standard error what it takes without making us wait. */
function copy(kernel: Kernel, text: Bytes): void {
  try {
    for (let at = 0; at < text.length && kernel.isWritable(2);) {
      at += kernel.write(2, text.subarray(at, at + SAFE_SIZE));
    }
  } catch (error) {
    ignoreSystemError(error);
  }
}
