/** svup: say by exit code whether a service is up. @see svup(8) of daemontools-encore */

import { decode } from "../base/bytes.ts";
import { ERRNO } from "../base/errno.ts";
import { EXIT_OK, EXIT_USAGE } from "../base/exit_codes.ts";
import { CWD } from "../base/kernel_constants.ts";
import { fatal, usage } from "../base/messages.ts";
import { decodeStatus, STATUS_SIZE } from "../base/status_record.ts";
import { errnoOf } from "../base/system_error.ts";
import { parseHistory } from "../base/history_lines.ts";
import { readFile, readText } from "../observation/reading.ts";
import { isReady } from "../observation/state.ts";
import { saysReady } from "../observation/readiness_files.ts";
import type { Context } from "../system/context.ts";
import type { FileKernel } from "../system/kernel.ts";

/** Exit code 0: up, and ready where it says that; 100: not. */
export async function run(context: Context<FileKernel>): Promise<number> {
  const { program, kernel, args: [directory] } = context;
  if (directory === undefined) usage(context.usage);
  try {
    kernel.close(kernel.openDirectory(CWD, directory));
  } catch (error) {
    fatal(program, ["unable to chdir to ", directory], error);
  }
  const path = decode(directory);
  try {
    kernel.close(kernel.openWrite(CWD, `${path}/supervise/ok`));
    const record = readFile(kernel, `${path}/supervise/status`);
    if (record.length < STATUS_SIZE || decodeStatus(record).pid === 0) return EXIT_USAGE;
    if (!saysReady(kernel, path)) return EXIT_OK;
    const history = parseHistory(readText(kernel, `${path}/supervise/history`) ?? "");
    return isReady(history) ? EXIT_OK : EXIT_USAGE;
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === ERRNO.ENOENT || errno === ERRNO.ENXIO) return EXIT_USAGE;
    fatal(program, ["unable to read status of ", directory], error);
  }
}
