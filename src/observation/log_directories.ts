/**
 * The log directories of a service: those below its `log` that hold a file `current`, and those
 * that `log/run` names. In each, the files in order of time: `@LABEL.s` and `@LABEL.u` (finished
 * then; with `.gz` when compressed), `previous`, `current`.
 */

import { decode } from "../base/bytes.ts";
import { CWD } from "../base/kernel_constants.ts";
import { ERRNO } from "../base/errno.ts";
import { errnoOf, SystemError } from "../base/system_error.ts";
import { LABEL_LENGTH } from "../base/tai64n.ts";
import type { Files } from "../system/kernel.ts";
import { type ReadingFiles, readText } from "./reading.ts";

/** What is needed of the kernel. */
export type LogFiles =
  & ReadingFiles
  & Pick<Files, "readDirectory" | "stat" | "statFd" | "seek">;

const OLD = /^@[0-9a-f]{24}\.[su](\.gz)?$/;
/** Words of a run script that look like a directory: `./main`, `/var/log/hello`. */
const DIRECTORY_WORDS = /(?<=^|[\s"'])\.{0,2}\/[^\s"';&|]+/g;

/**
 * The log directories of a service or of its logger, absolute paths.
 *
 * @param path the service directory; one whose name is `log` is the logger's
 */
export function logDirectoriesOf(files: LogFiles, path: string): string[] {
  return possibleLogDirectories(files, path).filter((directory) => isLog(files, directory));
}

/** Directories that are logs, or may become some. */
export function possibleLogDirectories(files: LogFiles, path: string): string[] {
  const log = /\/log$/.test(path) ? path : `${path}/log`;
  const found = new Set<string>();
  for (const name of namesIn(files, log)) {
    if (!name.startsWith(".") && name !== "supervise") found.add(`${log}/${name}`);
  }
  for (const [word] of (readText(files, `${log}/run`) ?? "").matchAll(DIRECTORY_WORDS)) {
    const bare = word.replace(/\/+$/, "");
    found.add(bare.startsWith("/") ? bare : `${log}/${bare.replace(/^(\.\/+)+/, "")}`);
  }
  return [...found];
}

/** Whether a service may have a log that this user may not look at. */
export function hasForbiddenLog(files: LogFiles, path: string): boolean {
  const log = /\/log$/.test(path) ? path : `${path}/log`;
  return [`${log}/.`, ...possibleLogDirectories(files, path).map((each) => `${each}/current`)]
    .some((each) => {
      try {
        files.stat(CWD, each);
        return false;
      } catch (error) {
        return errnoOf(error) === ERRNO.EACCES;
      }
    });
}

function isLog(files: LogFiles, directory: string): boolean {
  try {
    return files.stat(CWD, `${directory}/current`).kind === "file";
  } catch (error) {
    if (error instanceof SystemError) return false;
    throw error;
  }
}

/** The names in a directory, in order; none when it cannot be read. */
function namesIn(files: LogFiles, directory: string): string[] {
  try {
    return files.readDirectory(CWD, directory).map((name) => decode(name)).sort();
  } catch (error) {
    if (error instanceof SystemError) return [];
    throw error;
  }
}

/** The names of finished files, the oldest first; of a file and its compressed copy only one. */
export function oldLogNames(files: LogFiles, directory: string): string[] {
  const names = namesIn(files, directory).filter((name) => OLD.test(name));
  return names.filter((name, index) => labelOf(name) !== labelOf(names[index - 1] ?? ""));
}

/** The label of a finished file's name: when it was finished. */
export function labelOf(name: string): string {
  return name.slice(0, LABEL_LENGTH);
}
