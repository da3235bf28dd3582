/** Failures of the runtime's own file functions, in the words of the other messages. */

import { errnoNamed, errnoText } from "../base/errno.ts";

/** Why a file could not be written, made or renamed, without the runtime's own words. */
export function fileErrorText(error: Error): string {
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  const errno = errnoNamed(code);
  return errno === undefined ? error.message : errnoText(errno);
}
