/** Entering a program: its module is loaded and run, and what it ends with is printed. */

import { EMPTY, encode, equalBytes } from "../base/bytes.ts";
import { ERRNO } from "../base/errno.ts";
import { EXIT_FAILURE, EXIT_OK } from "../base/exit_codes.ts";
import { SUITE_NAME } from "../base/invocation.ts";
import { ProgramEnd } from "../base/messages.ts";
import { SIGNAL } from "../base/signals.ts";
import { SystemError } from "../base/system_error.ts";
import { complain, type EnteredState, writeFully } from "../system/context.ts";
import type { FileKernel } from "../system/kernel.ts";
import type { Command } from "./command.ts";
import { PROGRAMS } from "./registry.ts";
import { runCommand } from "./run_command.ts";
import { printVersion } from "./version.ts";

const SUITE: Command = {
  summary: "supervise services and write their logs",
  usage: `${SUITE_NAME} TOOL [ argument ... ]`,
  kernel: "files",
  load: () => import("./daemontools.ts"),
};

/** What is answered here: to compare bytes takes less than to decode them. */
const [HELP, VERSION] = [encode("--help"), encode("--version")];

/** Whether a name is that of a program of the table. */
export function isProgram(name: string): boolean {
  return Object.hasOwn(PROGRAMS, name);
}

/**
 * Runs a program of the table, or the executable's own, and prints what it ends with.
 *
 * @param name a name for which isProgram holds, or the suite's own
 * @returns its exit code
 * @throws {Error} when there is no such program
 */
export async function enter(name: string, state: EnteredState): Promise<number> {
  const command = name === SUITE_NAME ? SUITE : PROGRAMS[name];
  if (command === undefined) throw new Error(`no program ${name}`);
  try {
    const { args, kernel } = state;
    const option = args.length === 1 ? args[0]! : EMPTY;
    if (command !== SUITE && equalBytes(option, HELP)) return help(name, command, kernel);
    // Also what asks whether this executable works waits for it.
    if (command === SUITE && equalBytes(option, VERSION)) {
      return printVersion({ program: name, kernel });
    }
    const usage = `${name}: usage: ${command.usage}`;
    return await runCommand(command, { ...state, program: name, usage, describeBug });
  } catch (error) {
    return await endWith(error, name, state.kernel);
  }
}

function help(name: string, { summary, usage }: Command, kernel: FileKernel): number {
  const manual = `${SUITE_NAME} help ${name}`;
  writeFully(kernel, 1, encode(`${name}: ${summary}\nusage: ${usage}\nmanual: ${manual}\n`));
  return EXIT_OK;
}

async function describeBug(error: unknown): Promise<string> {
  return await (await import("./bug_report.ts")).describeBug(error);
}

/** Says what a program ended with; its exit code. */
async function endWith(error: unknown, name: string, kernel: FileKernel): Promise<number> {
  if (error instanceof ProgramEnd) {
    complain(kernel, error.text);
    return error.exitCode;
  }
  // The C programs do not ignore SIGPIPE, as the runtime does: it ends them in silence.
  if (error instanceof SystemError && error.errno === ERRNO.EPIPE) {
    const { linuxKernel } = await import("../system/linux/linux_kernel.ts");
    linuxKernel().endBy(SIGNAL.PIPE);
    return EXIT_FAILURE;
  }
  const bug = await describeBug(error);
  complain(kernel, encode(`${name}: fatal: this is a bug: ${bug}\n`));
  return EXIT_FAILURE;
}
