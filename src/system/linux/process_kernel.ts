/** The part of the kernel interface on Linux that programs use which start another program. */

import type { ProcessKernel } from "../kernel.ts";
import { type DescriptorLimits, linuxProcesses } from "./processes.ts";
import { linuxProgramKernel } from "./program_kernel.ts";

/**
 * The real kernel, as far as it is about files, processes and accounts.
 *
 * @param limits what is remembered of this process's limit of descriptors
 */
export function linuxProcessKernel(limits: DescriptorLimits = {}): ProcessKernel {
  return { ...linuxProgramKernel(), ...linuxProcesses(limits) };
}
