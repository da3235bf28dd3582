/** Checks of a `run` file: whether it can be executed, as whom, and by whom it can be changed. */

import { quoteWord } from "../../base/shell_word.ts";
import { encode } from "../../base/bytes.ts";
import { ERRNO, errnoText } from "../../base/errno.ts";
import { CWD } from "../../base/kernel_constants.ts";
import { errnoOf, SystemError } from "../../base/system_error.ts";
import type { FileStatus } from "../../system/kernel.ts";
import { readText } from "../reading.ts";
import type { CheckKernel, Finding, Subject } from "./finding.ts";

const ANY_EXECUTE = 0o111;
const OTHERS_WRITE = 0o002;
const STICKY = 0o1000;
const ELF = "\x7fELF";

/** Checks the `run` of a service or of a logger, and the directory that it is in. */
export function checkRun(
  kernel: CheckKernel,
  { observation, isRoot }: Pick<Subject, "observation" | "isRoot">,
): Finding[] {
  const { name: service, path } = observation.place;
  const run = `${path}/run`;
  const writable = [path, run].flatMap((each) => checkWritable(kernel, service, each, isRoot));
  let status: FileStatus;
  try {
    status = kernel.stat(CWD, run);
  } catch (error) {
    const errno = errnoOf(error);
    const problem = errno === ERRNO.ENOENT
      ? "run is missing: there is nothing to start"
      : `run cannot be looked at: ${errnoText(errno)}`;
    const advice = `write ${run}; "daemontools new" shows how`;
    return [{ service, code: "run-missing", problem, advice }, ...writable];
  }
  const findings: Finding[] = [];
  const add = (code: string, problem: string, advice: string): void => {
    findings.push({ service, code, problem, advice });
  };
  if (status.kind !== "file") {
    add("run-no-file", "run is no file", `remove it, and write a script ${run}`);
    return [...findings, ...writable];
  }
  if ((status.permissions & ANY_EXECUTE) === 0) {
    add("run-not-executable", "run is not executable", `chmod +x ${quoteWord(run)}`);
  }
  const text = readText(kernel, run);
  if (text === undefined || text.startsWith(ELF)) return [...findings, ...writable];
  const [first = ""] = text.split("\n");
  const [, interpreter] = /^#!\s*(\S+)/.exec(first) ?? [];
  if (/\r$/m.test(text)) {
    const problem = "run has Windows line ends: each line ends in a carriage return, " +
      "which becomes part of the last word";
    add("run-crlf", problem, `sed -i 's/\\r$//' ${quoteWord(run)}`);
  } else if (interpreter === undefined) {
    const problem = "run has no first line that names an interpreter";
    add("run-no-interpreter", problem, `let its first line be #!/bin/sh`);
  } else if (!exists(kernel, interpreter)) {
    const problem = `run names the interpreter ${interpreter}, which does not exist`;
    add("run-interpreter-missing", problem, `install it, or correct the first line of ${run}`);
  }
  findings.push(...checkAccounts(kernel, service, text));
  return [...findings, ...writable];
}

function exists(kernel: CheckKernel, path: string): boolean {
  try {
    kernel.stat(CWD, path);
    return true;
  } catch (error) {
    if (error instanceof SystemError) return false;
    throw error;
  }
}

/** The accounts that a script takes on with our tools. */
export function accountsIn(script: string): string[] {
  const text = script.replace(/^\s*#.*$/gm, "");
  return [...text.matchAll(/\b(?:setuidgid|envuidgid)\s+(?:-\S+\s+)*([A-Za-z_][\w.-]*)(?=\s)/g)]
    .map(([, account = ""]) => account);
}

function checkAccounts(kernel: CheckKernel, service: string, text: string): Finding[] {
  return [...new Set(accountsIn(text))]
    .filter((account) => kernel.findAccount(encode(account)) === null)
    .map((account) => ({
      service,
      code: "account-missing",
      problem: `run takes on the account ${account}, which does not exist`,
      advice: `useradd --system --no-create-home ${quoteWord(account)}, or correct the name`,
    }));
}

/** Whoever can write there decides what is run. */
export function checkWritable(
  kernel: CheckKernel,
  service: string | undefined,
  path: string,
  isRoot: boolean,
): Finding[] {
  let status: FileStatus;
  try {
    status = kernel.stat(CWD, path);
  } catch (error) {
    if (error instanceof SystemError) return [];
    throw error;
  }
  const who = service === undefined ? {} : { service };
  const isOpen = (status.permissions & OTHERS_WRITE) !== 0 && (status.permissions & STICKY) === 0;
  const findings: Finding[] = [];
  if (isOpen) {
    const problem = `everybody may write to ${path}, and so have a program of theirs run`;
    findings.push({
      ...who,
      code: "writable-by-all",
      problem,
      advice: `chmod o-w ${quoteWord(path)}`,
    });
  }
  if (isRoot && status.uid !== 0) {
    const problem = `${path} belongs to user ${status.uid}, who can have root run anything`;
    findings.push({
      ...who,
      code: "writable-by-user",
      problem,
      advice: `chown root ${quoteWord(path)}`,
    });
  }
  return findings;
}
