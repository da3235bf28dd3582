/** The part of the kernel interface on Linux that every program uses. */

import { prepareErrno } from "../../libc/errno_h.ts";
import type { FileKernel } from "../kernel.ts";
import { linuxClock } from "./clock.ts";
import { linuxFiles } from "./files.ts";

/** The real kernel, as far as it is about files and the time. */
export function linuxFileKernel(): FileKernel {
  prepareErrno();
  return { ...linuxFiles, ...linuxClock };
}
