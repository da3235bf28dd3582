/** The part of the kernel interface on Linux that programs use which become another program. */

import type { ProgramKernel } from "../kernel.ts";
import { linuxAccounts } from "./accounts.ts";
import { linuxExecution } from "./execution.ts";
import { linuxFileKernel } from "./file_kernel.ts";
import { linuxFiles } from "./files.ts";

/** The real kernel, as far as it is about files, accounts and this process. */
export function linuxProgramKernel(): ProgramKernel {
  return { ...linuxFileKernel(), ...linuxFiles, ...linuxExecution, ...linuxAccounts };
}
