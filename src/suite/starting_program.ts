/** The small program that starts another one, and its part of the kernel interface: loaded as one. */

export { run } from "../programs/fghack.ts";
export { linuxProcessKernel as newKernel } from "../system/linux/process_kernel.ts";
