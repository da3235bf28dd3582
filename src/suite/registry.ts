/**
 * Every program of the suite: name, what it is for, how it is called, where it lives. Dispatch,
 * `--list`, `help`, the links that the install script makes and the tests all read this table.
 *
 * What ends at once must start at once: small programs are here already, others are loaded.
 */

import { run as svc } from "../programs/svc.ts";
import { run as svok } from "../programs/svok.ts";
import { run as svstat } from "../programs/svstat.ts";
import type { Command } from "./command.ts";

async function loadChainProgram(name: keyof typeof import("./chain_programs.ts").RUNS) {
  const { RUNS, newKernel } = await import("./chain_programs.ts");
  return { run: RUNS[name], newKernel };
}

/** The programs by name. */
export const PROGRAMS: Readonly<Record<string, Command>> = {
  svscan: {
    summary: "start and supervise every service in a directory",
    usage: "svscan [ --timeout-kill=milliseconds ] [ directory ]",
    load: () => import("../programs/svscan.ts"),
  },
  supervise: {
    summary: "keep one service running",
    usage: "supervise dir",
    load: () => import("../programs/supervise.ts"),
  },
  svc: {
    summary: "control services: up, down, once, signals, exit",
    usage: "svc [ -udopchaitkx ] dir ...",
    kernel: "files",
    load: () => Promise.resolve({ run: svc }),
  },
  svok: {
    summary: "say by exit code whether a service is supervised",
    usage: "svok dir",
    kernel: "files",
    load: () => Promise.resolve({ run: svok }),
  },
  svup: {
    summary: "say by exit code whether a service is up",
    usage: "svup dir",
    kernel: "files",
    load: () => import("../programs/svup.ts"),
  },
  svstat: {
    summary: "print the status of services",
    usage: "svstat dir ...",
    kernel: "files",
    load: () => Promise.resolve({ run: svstat }),
  },
  envdir: {
    summary: "run a program with environment variables from a directory of files",
    usage: "envdir dir child",
    kernel: "program",
    load: () => loadChainProgram("envdir"),
  },
  envuidgid: {
    summary: "run a program with an account's ids in its environment",
    usage: "envuidgid account child",
    kernel: "program",
    load: () => loadChainProgram("envuidgid"),
  },
  fghack: {
    summary: "wait for a program that puts itself into the background",
    usage: "fghack child",
    kernel: "processes",
    load: () => import("./starting_program.ts"),
  },
  pgrphack: {
    summary: "run a program in a session of its own",
    usage: "pgrphack child",
    kernel: "program",
    load: () => loadChainProgram("pgrphack"),
  },
  readproctitle: {
    summary: "show the last messages of its input in its process title",
    usage: "readproctitle name ... dots",
    load: () => import("../programs/readproctitle.ts"),
  },
  setlock: {
    summary: "run a program with a file locked",
    usage: "setlock [ -nNxX ] file program [ arg ... ]",
    kernel: "program",
    load: () => loadChainProgram("setlock"),
  },
  setuidgid: {
    summary: "run a program as another account",
    usage: "setuidgid [ -s ] account child",
    kernel: "program",
    load: () => loadChainProgram("setuidgid"),
  },
  softlimit: {
    summary: "run a program with lower resource limits",
    usage: "softlimit [-a allbytes] [-c corebytes] [-d databytes] [-f filebytes] [-l lockbytes] " +
      "[-m membytes] [-o openfiles] [-p processes] [-r residentbytes] [-s stackbytes] " +
      "[-t cpusecs] child",
    kernel: "program",
    load: () => loadChainProgram("softlimit"),
  },
  svscanboot: {
    summary: "start svscan at boot, with its errors in a process title",
    usage: "svscanboot [ directory ]",
    load: () => import("../programs/svscanboot.ts"),
  },
  multilog: {
    summary: "put lines into logs that rotate by themselves",
    usage: "multilog [ action ... ]",
    load: () => import("../programs/multilog.ts"),
  },
  tai64n: {
    summary: "put a precise time in front of each line",
    usage: "tai64n",
    load: () => import("../programs/tai64n.ts"),
  },
  tai64nlocal: {
    summary: "turn the times in front of lines into local ones",
    usage: "tai64nlocal",
    load: () => import("../programs/tai64nlocal.ts"),
  },
  tai64nfrac: {
    summary: "turn the times in front of lines into seconds since 1970",
    usage: "tai64nfrac",
    load: () => import("../programs/tai64nfrac.ts"),
  },
};
