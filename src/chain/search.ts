/** Where a program may be: PATH as the C programs search it. */

import { type Bytes, concat, encode, split } from "../base/bytes.ts";
import { ERRNO } from "../base/errno.ts";
import { errnoOf, SystemError } from "../base/system_error.ts";
import { lookUp } from "./environment.ts";

const [SLASH, COLON] = [0x2f, 0x3a];
const DEFAULT_PATH = encode("/bin:/usr/bin");

/** These end the search only if the program is nowhere else, the last of them as the reason. */
const REMEMBERED: readonly number[] = [ERRNO.EACCES, ERRNO.EPERM, ERRNO.EISDIR];

/**
 * The paths that a program's name stands for, in the order in which they are tried.
 *
 * @param name the program: executed as it is when there is a slash in it
 * @param environment whose first PATH entry is searched; an empty element is the working directory
 */
export function candidatePaths(name: Bytes, environment: readonly Bytes[]): Bytes[] {
  if (name.includes(SLASH)) return [name];
  return split(lookUp(environment, "PATH") ?? DEFAULT_PATH, COLON)
    .map((element) => concat(element.length === 0 ? "." : element, "/", name));
}

/** Whether the limits that a program was to get are at fault, and not the program. */
export function isOfLimits(error: unknown): boolean {
  return error instanceof SystemError && error.call === "setrlimit";
}

/**
 * Tries paths in turn. One that does not exist, or that may not be executed, is passed over.
 *
 * @param paths what to try
 * @param attempt tries one of them; a SystemError says why it could not be executed
 * @returns what the first successful attempt returned
 * @throws {SystemError} of `setrlimit`, at once; otherwise the error that ended the search, or says why nothing could be executed
 */
export function tryEach<T>(paths: readonly Bytes[], attempt: (path: Bytes) => T): T {
  let reason: SystemError | undefined;
  for (const path of paths) {
    try {
      return attempt(path);
    } catch (error) {
      if (isOfLimits(error)) throw error;
      const errno = errnoOf(error);
      if (errno === ERRNO.ENOENT) continue;
      reason = new SystemError("execve", errno);
      if (!REMEMBERED.includes(errno)) break;
    }
  }
  throw reason ?? new SystemError("execve", ERRNO.ENOENT);
}
