/**
 * Every program of the suite: name, what it is for, how it is called, where it lives. Dispatch,
 * `--list`, `help`, the links that the install script makes and the tests all read this table.
 */

import { complain, type Context, type EnteredState, writeFully } from "../system/context.ts";
import { ERRNO } from "../base/errno.ts";
import { EXIT_FAILURE, EXIT_OK } from "../base/exit_codes.ts";
import { decode, encode } from "../base/bytes.ts";
import { SUITE_NAME } from "../base/invocation.ts";
import { ProgramEnd } from "../base/messages.ts";
import { SIGNAL } from "../base/signals.ts";
import { SystemError } from "../base/system_error.ts";

/** One program of the suite. */
export interface Program {
  /** One line on what it is for. */
  readonly summary: string;
  /** How it is called. */
  readonly usage: string;
  /** Loads the module that is the program. */
  readonly load: () => Promise<{ run(context: Context): Promise<number> }>;
}

/** The programs by name. */
export const PROGRAMS: Readonly<Record<string, Program>> = {
  svscan: {
    summary: "start and supervise every service in a directory",
    usage: "svscan [ directory ]",
    load: () => import("./svscan.ts"),
  },
  supervise: {
    summary: "keep one service running",
    usage: "supervise dir",
    load: () => import("./supervise.ts"),
  },
  svc: {
    summary: "control services: up, down, once, signals, exit",
    usage: "svc [ -udopchaitkx ] dir ...",
    load: () => import("./svc.ts"),
  },
  svok: {
    summary: "say by exit code whether a service is supervised",
    usage: "svok dir",
    load: () => import("./svok.ts"),
  },
  svstat: {
    summary: "print the status of services",
    usage: "svstat dir ...",
    load: () => import("./svstat.ts"),
  },
  envdir: {
    summary: "run a program with environment variables from a directory of files",
    usage: "envdir dir child",
    load: () => import("./envdir.ts"),
  },
  envuidgid: {
    summary: "run a program with an account's ids in its environment",
    usage: "envuidgid account child",
    load: () => import("./envuidgid.ts"),
  },
  fghack: {
    summary: "wait for a program that puts itself into the background",
    usage: "fghack child",
    load: () => import("./fghack.ts"),
  },
  pgrphack: {
    summary: "run a program in a session of its own",
    usage: "pgrphack child",
    load: () => import("./pgrphack.ts"),
  },
  readproctitle: {
    summary: "show the last messages of its input in its process title",
    usage: "readproctitle name ... dots",
    load: () => import("./readproctitle.ts"),
  },
  setlock: {
    summary: "run a program with a file locked",
    usage: "setlock [ -nNxX ] file program [ arg ... ]",
    load: () => import("./setlock.ts"),
  },
  setuidgid: {
    summary: "run a program as another account",
    usage: "setuidgid account child",
    load: () => import("./setuidgid.ts"),
  },
  softlimit: {
    summary: "run a program with lower resource limits",
    usage: "softlimit [-a allbytes] [-c corebytes] [-d databytes] [-f filebytes] [-l lockbytes] " +
      "[-m membytes] [-o openfiles] [-p processes] [-r residentbytes] [-s stackbytes] " +
      "[-t cpusecs] child",
    load: () => import("./softlimit.ts"),
  },
  svscanboot: {
    summary: "start svscan at boot, with its errors in a process title",
    usage: "svscanboot [ directory ]",
    load: () => import("./svscanboot.ts"),
  },
  multilog: {
    summary: "put lines into logs that rotate by themselves",
    usage: "multilog [ action ... ]",
    load: () => import("./multilog.ts"),
  },
  tai64n: {
    summary: "put a precise time in front of each line",
    usage: "tai64n",
    load: () => import("./tai64n.ts"),
  },
  tai64nlocal: {
    summary: "turn the times in front of lines into local ones",
    usage: "tai64nlocal",
    load: () => import("./tai64nlocal.ts"),
  },
  tai64nfrac: {
    summary: "turn the times in front of lines into seconds since 1970",
    usage: "tai64nfrac",
    load: () => import("./tai64nfrac.ts"),
  },
};

export { SUITE_NAME };

const SUITE: Program = {
  summary: "supervise services and write their logs",
  usage: "daemontools TOOL [ argument ... ]",
  load: () => import("./daemontools.ts"),
};

/** Whether a name is that of a program of the table. */
export function isProgram(name: string): boolean {
  return Object.hasOwn(PROGRAMS, name);
}

/**
 * Runs a program of the table, or the executable's own, and prints what it ends with.
 *
 * @returns its exit code
 */
export async function enter(name: string, state: EnteredState): Promise<number> {
  const program = name === SUITE_NAME ? SUITE : PROGRAMS[name];
  if (program === undefined) throw new Error(`no program ${name}`);
  try {
    const [first, ...others] = state.args;
    if (program !== SUITE && others.length === 0 && first && decode(first) === "--help") {
      writeFully(state.kernel, 1, encode(helpOf(name, program)));
      return EXIT_OK;
    }
    const { run } = await program.load();
    return await run({ ...state, program: name, usage: `${name}: usage: ${program.usage}` });
  } catch (error) {
    if (error instanceof ProgramEnd) {
      complain(state.kernel, error.text);
      return error.exitCode;
    }
    // The C programs do not ignore SIGPIPE, as the runtime does: it ends them in silence.
    if (error instanceof SystemError && error.errno === ERRNO.EPIPE) {
      state.kernel.endBy(SIGNAL.PIPE);
      return EXIT_FAILURE;
    }
    const story = error instanceof Error ? error.stack ?? error.message : String(error);
    complain(state.kernel, encode(`${name}: fatal: this is a bug: ${story}\n`));
    return EXIT_FAILURE;
  }
}

function helpOf(name: string, { summary, usage }: Program): string {
  return `${name}: ${summary}\nusage: ${usage}\nmanual: ${SUITE_NAME} help ${name}\n`;
}
