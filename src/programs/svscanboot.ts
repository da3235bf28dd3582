/** svscanboot: start svscan at boot, its errors in a process title. @see https://cr.yp.to/daemontools/svscanboot.html */

import { type Bytes, compareBytes, concat, encode } from "../base/bytes.ts";
import { ignoreSystemError } from "../base/system_error.ts";
import { fatal } from "../base/messages.ts";
import { attributesFor, isOwn } from "../chain/exec_attributes.ts";
import { executeWith } from "../chain/run_program.ts";
import { candidatePaths, tryEach } from "../chain/search.ts";
import type { Context } from "../system/context.ts";
import { CWD } from "../base/kernel_constants.ts";
import type { Kernel } from "../system/kernel.ts";

const SERVICES = encode("/service");
const PATH = "/command:/usr/local/bin:/usr/local/sbin:/bin:/sbin:/usr/bin:/usr/sbin:/usr/X11R6/bin";
const [DOT, SLASH] = [0x2e, 0x2f];
const TITLE_SIZE = 400;

/**
 * Ends supervisors of an earlier svscan, starts readproctitle, which shows what svscan and
 * everything below it complain about, and becomes svscan: who signals the process that was started
 * at boot means svscan. It executes svscan always, as what the runtime keeps open of the caller's
 * input and output is to be closed.
 */
export async function run(caller: Context): Promise<number> {
  const { program, kernel, execAttributes, args: [directory = SERVICES] } = caller;
  const environment = [encode(`PATH=${PATH}`)];
  const search = [concat("PATH=", ...ownDirectory(caller), PATH)];
  [0, 1, 2].forEach((fd) => kernel.redirectToNull(fd));
  const args = [encode("-dx"), ...servicesIn(kernel, directory)];
  await caller.enter("svc", { ...caller, environment, invokedAs: encode("svc"), args });
  try {
    const { readFd, writeFd } = kernel.pipe();
    const title = ["readproctitle", "service", "errors:", ".".repeat(TITLE_SIZE)].map(encode);
    tryEach(
      candidatePaths(title[0]!, search),
      (path) => {
        const given = attributesFor(kernel, path, environment, execAttributes);
        return kernel.spawn({ path, argv: title, directoryFd: CWD, stdinFd: readFd, ...given });
      },
    );
    for (const fd of [1, 2]) kernel.duplicate(writeFd, fd);
    const svscan = [encode("svscan"), directory];
    return tryEach(
      candidatePaths(svscan[0]!, search),
      (path) => executeWith(caller, path, svscan, environment),
    );
  } catch (error) {
    fatal(program, ["unable to start"], error);
  }
}

/** Where we were found, with a colon: what is installed together stays together. */
function ownDirectory({ kernel, invokedAs, environment }: Context): (Bytes | string)[] {
  const path = candidatePaths(invokedAs, environment).find((path) => isOwn(kernel, path));
  return path?.includes(SLASH) ? [path.subarray(0, path.lastIndexOf(SLASH) + 1), ":"] : [];
}

/** All services, and all that may be their loggers, as a shell would list them. */
function servicesIn(kernel: Kernel, directory: Bytes): Bytes[] {
  const paths = namesIn(kernel, directory).map((name) => concat(directory, "/", name));
  return [...paths, ...paths.map((path) => concat(path, "/log"))];
}

function namesIn(kernel: Kernel, directory: Bytes): Bytes[] {
  try {
    const names = kernel.readDirectory(CWD, directory).filter((name) => name[0] !== DOT);
    return names.sort(compareBytes);
  } catch (error) {
    ignoreSystemError(error);
    return [];
  }
}
