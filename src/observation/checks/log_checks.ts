/** Checks of where a logger writes: whether its user can, and whether there is room. */

import { quoteWord } from "../../base/shell_word.ts";
import { encode } from "../../base/bytes.ts";
import { CWD } from "../../base/kernel_constants.ts";
import { SystemError } from "../../base/system_error.ts";
import type { Account, FileStatus } from "../../system/kernel.ts";
import { possibleLogDirectories } from "../log_directories.ts";
import { sizeText } from "../quantities.ts";
import { readText } from "../reading.ts";
import type { CheckKernel, Finding, Subject } from "./finding.ts";
import { accountsIn } from "./run_checks.ts";

/** Less than this is as good as full. */
const LITTLE_BYTES = 1 << 20;
const LITTLE_FILES = 16;

/** Checks the log directories of a service's logger. */
export function checkLog(kernel: CheckKernel, { observation }: Subject): Finding[] {
  const { name: service, path } = observation.place;
  const script = readText(kernel, `${path}/log/run`);
  if (script === undefined) return [];
  const account = kernel.findAccount(encode(accountsIn(script)[0] ?? "root"));
  const named = possibleLogDirectories(kernel, path)
    .filter((each) => mentions(script, each, `${path}/log`));
  return named.flatMap((directory) => {
    const status = statusOf(kernel, directory);
    const full = checkRoom(kernel, service, status === undefined ? `${path}/log` : directory);
    const refused = account === null
      ? []
      : checkRights(kernel, { service, directory, status, account });
    return [...refused, ...full];
  });
}

/** Whether a script names a directory: by its whole path, or as it is called from `log`. */
function mentions(script: string, directory: string, log: string): boolean {
  const relative = directory.startsWith(`${log}/`)
    ? `./${directory.slice(log.length + 1)}`
    : directory;
  return script.includes("multilog") && (script.includes(relative) || script.includes(directory));
}

function statusOf(kernel: CheckKernel, path: string): FileStatus | undefined {
  try {
    return kernel.stat(CWD, path);
  } catch (error) {
    if (error instanceof SystemError) return undefined;
    throw error;
  }
}

interface Rights {
  readonly service: string;
  readonly directory: string;
  readonly status: FileStatus | undefined;
  readonly account: Account;
}

function checkRights(
  kernel: CheckKernel,
  { service, directory, status, account }: Rights,
): Finding[] {
  if (account.uid === 0) return [];
  // One that does not exist is made, in the directory above.
  const parent = directory.slice(0, directory.lastIndexOf("/")) || "/";
  const where = status === undefined ? parent : directory;
  const place = status ?? statusOf(kernel, parent);
  if (place !== undefined && mayWrite(place, account)) return [];
  const problem = status === undefined
    ? `the log directory ${directory} does not exist, and the logger's user ${account.uid} ` +
      `cannot make it in ${where}`
    : `the logger's user ${account.uid} cannot write to its log directory ${directory}`;
  const make = status === undefined ? `mkdir ${quoteWord(directory)}; ` : "";
  const advice = `${make}chown ${account.uid} ${quoteWord(directory)}`;
  return [{ service, code: "log-not-writable", problem, advice }];
}

/** By its owner's bits or everybody's; groups are not known here, and may be enough. */
function mayWrite({ uid, permissions }: FileStatus, account: Account): boolean {
  const needed = 0o3;
  if (uid === account.uid) return ((permissions >> 6) & needed) === needed;
  return (permissions & needed) === needed || ((permissions >> 3) & needed) === needed;
}

function checkRoom(kernel: CheckKernel, service: string, path: string): Finding[] {
  try {
    const { freeBytes, freeFiles } = kernel.freeSpace(path);
    if (freeBytes >= LITTLE_BYTES && freeFiles >= LITTLE_FILES) return [];
    const left = freeBytes < LITTLE_BYTES ? sizeText(freeBytes) : `room for ${freeFiles} files`;
    return [{
      service,
      code: "disk-full",
      problem: `the file system of ${path} is full (${left} left): the logger waits, and then ` +
        "the service does",
      advice: "remove something there; the logger goes on by itself",
    }];
  } catch (error) {
    if (error instanceof SystemError) return [];
    throw error;
  }
}
