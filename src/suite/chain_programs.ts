/** The programs that become another one, and their part of the kernel interface: loaded as one. */

import { run as envdir } from "../programs/envdir.ts";
import { run as envuidgid } from "../programs/envuidgid.ts";
import { run as pgrphack } from "../programs/pgrphack.ts";
import { run as setlock } from "../programs/setlock.ts";
import { run as setuidgid } from "../programs/setuidgid.ts";
import { run as softlimit } from "../programs/softlimit.ts";
export { linuxProgramKernel as newKernel } from "../system/linux/program_kernel.ts";

/** The programs by name. */
export const RUNS = { envdir, envuidgid, pgrphack, setlock, setuidgid, softlimit };
