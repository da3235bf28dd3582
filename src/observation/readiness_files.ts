/** Whether a service says by itself when it is ready: the files in its directory that ask for it. */

import { CWD } from "../base/kernel_constants.ts";
import { SystemError } from "../base/system_error.ts";
import type { Files } from "../system/kernel.ts";

/** Files that ask for readiness: s6's, sd_notify's, and a program that is asked. */
export const READINESS_FILES = ["notification-fd", "notify-socket", "check"] as const;

/** Whether somebody will say that the service in a directory is ready. */
export function saysReady(files: Pick<Files, "stat">, path: string): boolean {
  return READINESS_FILES.some((name) => {
    try {
      return files.stat(CWD, `${path}/${name}`).kind === "file";
    } catch (error) {
      if (error instanceof SystemError) return false;
      throw error;
    }
  });
}
