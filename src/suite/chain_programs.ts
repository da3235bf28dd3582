/** The programs that run another one, and their part of the kernel interface: loaded as one. */

export * as envdir from "../programs/envdir.ts";
export * as envuidgid from "../programs/envuidgid.ts";
export * as fghack from "../programs/fghack.ts";
export * as pgrphack from "../programs/pgrphack.ts";
export * as setlock from "../programs/setlock.ts";
export * as setuidgid from "../programs/setuidgid.ts";
export * as softlimit from "../programs/softlimit.ts";
export { linuxProgramKernel } from "../system/linux/program_kernel.ts";
