/** Failures of the runtime's own file functions, in the words of the other messages. */

import { ERRNO, errnoText } from "../base/errno.ts";

/** Why a file could not be written, made or renamed, without the runtime's own words. */
export function fileErrorText(error: Error): string {
  const code = "code" in error ? error.code : undefined;
  const errno = Object.entries(ERRNO).find(([name]) => name === code)?.[1];
  return errno === undefined ? error.message : errnoText(errno);
}
