/** Whether two paths are one file, and where links of `/proc` lead. */

import { decode } from "../../base/bytes.ts";
import { CWD } from "../../base/kernel_constants.ts";
import { SystemError } from "../../base/system_error.ts";
import type { CheckKernel } from "./finding.ts";

/** What no other file has; undefined for one that is not there or may not be looked at. */
export function identityOf(kernel: CheckKernel, path: string): string | undefined {
  try {
    const { device, inode } = kernel.stat(CWD, path);
    return `${device}:${inode}`;
  } catch (error) {
    if (error instanceof SystemError) return undefined;
    throw error;
  }
}

/** Where a link leads; undefined when that cannot be found out. */
export function linkOf(kernel: CheckKernel, path: string): string | undefined {
  try {
    return decode(kernel.readLink(CWD, path));
  } catch (error) {
    if (error instanceof SystemError) return undefined;
    throw error;
  }
}
