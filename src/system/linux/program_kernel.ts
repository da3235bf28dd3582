/** The part of the kernel interface on Linux that programs use which run another program. */

import type { ProgramKernel } from "../kernel.ts";
import { linuxAccounts } from "./accounts.ts";
import { linuxFileKernel } from "./file_kernel.ts";
import { linuxFiles } from "./files.ts";
import { type DescriptorLimits, linuxProcesses } from "./processes.ts";

/**
 * The real kernel, as far as it is about files, processes and accounts.
 *
 * @param limits what is remembered of this process's limit of descriptors
 */
export function linuxProgramKernel(limits: DescriptorLimits = {}): ProgramKernel {
  return { ...linuxFileKernel(), ...linuxFiles, ...linuxProcesses(limits), ...linuxAccounts };
}
