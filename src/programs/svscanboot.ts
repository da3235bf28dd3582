/** svscanboot: start svscan at boot, its errors in a process title. @see https://cr.yp.to/daemontools/svscanboot.html */

import { type Bytes, compareBytes, concat, encode } from "../base/bytes.ts";
import { ignoreSystemError, unlessMissing } from "../base/system_error.ts";
import { fatal } from "../base/messages.ts";
import { candidatePaths, executeWith, isOwn, tryEach } from "../chain/programs.ts";
import { encodeHandover } from "../supervision/handover.ts";
import type { Context } from "../system/context.ts";
import { CWD } from "../base/kernel_constants.ts";
import type { Kernel } from "../system/kernel.ts";

const SERVICES = encode("/service");
/** Where Debian's packages put services. */
const OTHER_SERVICES = encode("/etc/service");
const PATH = "/command:/usr/local/bin:/usr/local/sbin:/bin:/sbin:/usr/bin:/usr/sbin:/usr/X11R6/bin";
const [DOT, SLASH] = [0x2e, 0x2f];

/**
 * Ends supervisors of an earlier svscan, and becomes svscan: who signals the process that was
 * started at boot means svscan. It starts readproctitle, which shows what it and everything below
 * it complain about, as soon as it is in its directory. It is executed always, as what the runtime
 * keeps open of the caller's input and output is to be closed.
 */
export async function run(caller: Context): Promise<number> {
  const { program, kernel, execAttributes: attributes, args } = caller;
  const directory = args[0] ?? defaultDirectory(kernel);
  const environment = [encode(`PATH=${PATH}`)];
  const search = [concat("PATH=", ...ownDirectory(caller), PATH)];
  [0, 1].forEach((fd) => kernel.redirectToNull(fd));
  await endSupervisors({ ...caller, environment }, directory);
  const argv = [encode("svscan"), directory];
  const message = encodeHandover({ errorTitle: "wanted" });
  try {
    return tryEach(
      candidatePaths(argv[0]!, search),
      (path) =>
        isOwn(kernel, path)
          ? kernel.succeed({ path, argv, environment, attributes, descriptors: [], message })
          : executeWith(caller, path, argv, environment),
    );
  } catch (error) {
    fatal(program, ["unable to start"], error);
  }
}

/** Ends supervisors by svc. That there are none is told to nobody. */
async function endSupervisors(context: Context, directory: Bytes): Promise<void> {
  const { kernel, enter } = context;
  const errorFd = kernel.copyDescriptor(2);
  kernel.redirectToNull(2);
  const args = [encode("-dx"), ...servicesIn(kernel, directory)];
  await enter("svc", { ...context, invokedAs: encode("svc"), args });
  kernel.duplicate(errorFd, 2);
  kernel.close(errorFd);
}

function defaultDirectory(kernel: Kernel): Bytes {
  if (unlessMissing(() => kernel.stat(CWD, SERVICES)) !== undefined) return SERVICES;
  const other = unlessMissing(() => kernel.stat(CWD, OTHER_SERVICES));
  return other === undefined ? SERVICES : OTHER_SERVICES;
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
