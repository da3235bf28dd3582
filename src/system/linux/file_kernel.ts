/** The part of the kernel interface on Linux that the small programs use. */

import { prepareErrno } from "../../libc/errno_h.ts";
import type { FileKernel } from "../kernel.ts";
import { linuxClock } from "./clock.ts";
import { linuxBasicFiles } from "./basic_files.ts";

/** The real kernel, as far as every program uses it. */
export function linuxFileKernel(): FileKernel {
  prepareErrno();
  return { ...linuxBasicFiles, ...linuxClock };
}
