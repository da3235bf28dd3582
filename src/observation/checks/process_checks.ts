/** Checks of what runs: a shell in between, a program in the background, copies, orphans. */

import { eventNumber, lastEvent } from "../history.ts";
import type { ProcessEntry, ProcessTable } from "../process_table.ts";
import { readText } from "../reading.ts";
import { identityOf, linkOf } from "./identity.ts";
import type { CheckKernel, Finding, Stray, Subject } from "./finding.ts";

const SHELLS = new Set(["sh", "bash", "dash", "ash", "ksh", "zsh", "mksh", "busybox"]);

/** Checks the processes of a service. */
export function checkProcesses(kernel: CheckKernel, subject: Subject): Finding[] {
  const { observation } = subject;
  const { place, pid, state } = observation;
  const service = place.name;
  // Which processes are its own cannot be told.
  if (state === "unknown") return [];
  if (state === "orphaned") {
    return [{
      service,
      code: "orphaned",
      problem: `its process (pid ${pid}) runs, but nobody supervises it: it will not be ` +
        "started again, and nobody can tell it to end",
      advice: "start svscan, which takes it over; or end it: " + `kill ${pid}`,
    }];
  }
  return [
    ...pid === undefined || observation.isHosted ? [] : checkShell(kernel, subject, pid),
    ...checkStrays(kernel, subject, ownProcesses(subject)),
  ];
}

/** The service's process, the one that it was started as (see `MAINPID`), and what they started. */
function ownProcesses({ observation: { pid, history = [] }, processes }: Subject): Set<number> {
  const startedPid = eventNumber(lastEvent(history, "start"), "pid") ?? 0;
  const trees = [pid ?? 0, startedPid].map((each) => processes.treeOf(each));
  return new Set(trees.flat().map((each) => each.pid));
}

/** A shell that waits for a program: signals reach the shell. */
function checkShell(kernel: CheckKernel, { observation, processes }: Subject, pid: number) {
  const { name: service, path } = observation.place;
  const [child] = processes.childrenOf(pid);
  // Its name is that of the script, its first argument the shell.
  const [shell = ""] = (commandOf(kernel, pid) ?? "").split("\0");
  if (child === undefined || !SHELLS.has(shell.slice(shell.lastIndexOf("/") + 1))) return [];
  const script = readText(kernel, `${path}/run`) ?? "";
  // One that handles signals itself knows what it does.
  if (/^\s*trap\b/m.test(script)) return [];
  const problem = `run does not end in exec: the supervised process is a shell (pid ${pid}), and ` +
    `${child.name} (pid ${child.pid}) is its child, which no signal of svc reaches`;
  const advice = `put exec before the last command of ${path}/run`;
  return [{ service, code: "no-exec", problem, advice }];
}

/** Looks for processes that may be strays, once for all services. */
export function findStrays(kernel: CheckKernel, processes: ProcessTable): Stray[] {
  return [...processes.all()].filter((each) =>
    each.state !== "Z" && !isSupervisor(each) &&
    (each.parentPid === 1 || isSupervisor(processes.get(each.parentPid)))
  ).map((entry) => ({
    entry,
    directory: identityOf(kernel, `/proc/${entry.pid}/cwd`),
    pipes: [1, 2].flatMap((fd) => linkOf(kernel, `/proc/${entry.pid}/fd/${fd}`) ?? [])
      .filter((link) => link.startsWith("pipe:")),
  }));
}

/** Processes in the service's directory, or with its logger's pipe, that are not the service's. */
function checkStrays(
  kernel: CheckKernel,
  { observation, strays }: Subject,
  own: ReadonlySet<number>,
): Finding[] {
  const { place, pid, logger } = observation;
  const directory = identityOf(kernel, place.path);
  const pipe = logger?.pid === undefined || logger.isHosted
    ? undefined
    : linkOf(kernel, `/proc/${logger.pid}/fd/0`);
  const found = strays.filter(({ entry, directory: its, pipes }) =>
    !own.has(entry.pid) && entry.pid !== logger?.pid &&
    ((its !== undefined && its === directory) || (pipe !== undefined && pipes.includes(pipe)))
  );
  if (found.length === 0) return [];
  const command = pid === undefined ? undefined : commandOf(kernel, pid);
  return found.map(({ entry }) =>
    strayFinding(place.name, entry, {
      isCopy: command !== undefined && commandOf(kernel, entry.pid) === command,
    })
  );
}

function strayFinding(
  service: string,
  { pid, name }: ProcessEntry,
  { isCopy }: { isCopy: boolean },
): Finding {
  if (isCopy) {
    return {
      service,
      code: "runs-twice",
      problem: `it runs twice: ${name} (pid ${pid}) is a copy that nobody supervises`,
      advice: `kill ${pid}`,
    };
  }
  return {
    service,
    code: "in-background",
    problem: `${name} (pid ${pid}) has gone to the background, where nobody supervises it`,
    advice: "have it stay in the foreground (an option, most often), or use fghack; then " +
      `kill ${pid}`,
  };
}

function isSupervisor(entry: ProcessEntry | undefined): boolean {
  return entry !== undefined && /^(?:svscan|supervise|daemontools)$/.test(entry.name);
}

function commandOf(kernel: CheckKernel, pid: number): string | undefined {
  return readText(kernel, `/proc/${pid}/cmdline`) || undefined;
}
