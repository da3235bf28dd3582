/** Checks of the services' directory as a whole: its links, its svscan, what svscan complained of. */

import { quoteWord } from "../../base/shell_word.ts";
import { decode } from "../../base/bytes.ts";
import { CWD } from "../../base/kernel_constants.ts";
import { isDirectory, type Observation } from "../observe.ts";
import type { ProcessTable } from "../process_table.ts";
import { readText } from "../reading.ts";
import { identityOf, linkOf } from "./identity.ts";
import type { CheckKernel, Finding } from "./finding.ts";
import { checkWritable } from "./run_checks.ts";

/** The end of it is shown. */
const LONGEST_TITLE = 400;

/** What there is to check. */
export interface TreeSubject {
  /** Whether the directories themselves are to be checked, too. */
  readonly isAll: boolean;
  /** The services' directories. */
  readonly directories: readonly string[];
  /** The services that are checked. */
  readonly observations: readonly Observation[];
  /** All processes. */
  readonly processes: ProcessTable;
  /** Whether root's services are meant. */
  readonly isRoot: boolean;
}

/** Checks what is about all services. */
export function checkTree(kernel: CheckKernel, subject: TreeSubject): Finding[] {
  const { isAll, directories, isRoot } = subject;
  const svscans = findSvscans(kernel, subject);
  return [
    ...(isAll ? directories : []).flatMap((directory) => [
      ...checkWritable(kernel, undefined, directory, isRoot),
      ...checkLinks(kernel, directory),
    ]),
    ...checkSupervision(subject, svscans, kernel),
    ...checkTwice(kernel, subject),
    ...isAll ? checkTitles(kernel, subject.processes, svscans) : [],
  ];
}

function checkLinks(kernel: CheckKernel, directory: string): Finding[] {
  const findings: Finding[] = [];
  for (const bytes of kernel.readDirectory(CWD, directory)) {
    const name = decode(bytes);
    const path = `${directory}/${name}`;
    if (name.startsWith(".") || kernel.statLink(CWD, path).kind !== "link") continue;
    if (isDirectory(kernel, path)) continue;
    const problem = `${path} leads nowhere: ${decode(kernel.readLink(CWD, path))}`;
    findings.push({
      service: name,
      code: "dangling-link",
      problem,
      advice: `rm ${quoteWord(path)}`,
    });
  }
  return findings;
}

/** The svscans that serve the directories: they are in them. */
function findSvscans(kernel: CheckKernel, { processes, directories }: TreeSubject): number[] {
  const places = directories.map((each) => identityOf(kernel, each));
  return [...processes.all()].map(({ pid }) => pid).filter((pid) => {
    const args = svscanArguments(kernel, pid);
    if (args === undefined) return false;
    const [named = ""] = args;
    const place = identityOf(kernel, `/proc/${pid}/cwd`) ??
      (named.startsWith("/") ? identityOf(kernel, named) ?? "elsewhere" : undefined);
    // Another user's, of which nothing can be known, may be the one.
    return place === undefined || places.includes(place);
  });
}

/** The arguments of a svscan, of ours or another; undefined for another process. */
function svscanArguments(kernel: CheckKernel, pid: number): string[] | undefined {
  const words = (readText(kernel, `/proc/${pid}/cmdline`) ?? "").split("\0").slice(0, -1);
  const name = words[0]?.replace(/^.*\//, "");
  if (name === "svscan") return words.slice(1);
  return name === "daemontools" && words[1] === "svscan" ? words.slice(2) : undefined;
}

/** Who is not supervised, and why: no svscan, or a `supervise` that was copied along. */
function checkSupervision(
  { observations, directories }: TreeSubject,
  svscans: readonly number[],
  kernel: CheckKernel,
): Finding[] {
  const idle = observations.filter(({ state }) => state === "not supervised");
  if (idle.length === 0) return [];
  if (svscans.length === 0) {
    return [{
      code: "no-svscan",
      problem: `no svscan serves ${directories.join(", ")}`,
      advice: "start it: systemctl start daemontools, or svscanboot &",
    }];
  }
  return idle.map(({ place }) => {
    const hasOld = isDirectory(kernel, place.supervisePath);
    return {
      service: place.name,
      code: hasOld ? "old-supervise" : "not-supervised",
      problem: hasOld
        ? `not supervised, though ${place.supervisePath} is there: its supervisor has ended, or ` +
          "the directory was copied from elsewhere"
        : "not supervised, though svscan runs",
      advice: hasOld
        ? `remove ${place.supervisePath}; svscan makes it anew`
        : "see what svscan complains of",
    };
  });
}

/** Two names for one directory: two supervisors fight for its lock. */
function checkTwice(kernel: CheckKernel, { observations }: TreeSubject): Finding[] {
  const names = new Map<string, string[]>();
  for (const { place } of observations) {
    const key = identityOf(kernel, place.path);
    if (key !== undefined) names.set(key, [...names.get(key) ?? [], place.name]);
  }
  return [...names.values()].filter((each) => each.length > 1).map((each) => ({
    service: each[0]!,
    code: "linked-twice",
    problem: `${each.join(" and ")} are one directory: only one of them can be supervised`,
    advice: "remove all of these links but one",
  }));
}

/** What svscan said last, where a readproctitle reads its standard error. */
function checkTitles(
  kernel: CheckKernel,
  processes: ProcessTable,
  svscans: readonly number[],
): Finding[] {
  const pipes = new Set(svscans.map((pid) => linkOf(kernel, `/proc/${pid}/fd/2`)));
  return [...processes.all()].filter(({ name }) => name === "readproctitle").flatMap(({ pid }) => {
    const pipe = linkOf(kernel, `/proc/${pid}/fd/0`);
    if (pipe === undefined || !pipes.has(pipe)) return [];
    const words = (readText(kernel, `/proc/${pid}/cmdline`) ?? "").split("\0");
    const title = words.join(" ").replace(/^.*?errors:/s, "").replace(/\.{3,}/g, "").trim();
    if (title === "") return [];
    return [{
      code: "readproctitle",
      problem: `svscan has complained: ${title.slice(-LONGEST_TITLE)}`,
      advice: "see to it; the oldest messages go by themselves",
    }];
  });
}
