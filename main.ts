/** daemontools as one executable: acts by the name it is called by, or by its first argument. */

import { baseName, type Bytes, decode, encode } from "./src/base/bytes.ts";
import { EXIT_OK, EXIT_USAGE } from "./src/base/exit_codes.ts";
import { VERSION } from "./src/base/version.ts";
import { enter, PROGRAMS } from "./src/programs/registry.ts";
import { writeFully } from "./src/system/context.ts";
import { ownCommandLine, ownEnvironment } from "./src/system/environment.ts";
import type { Kernel } from "./src/system/kernel.ts";
import { linuxKernel } from "./src/system/linux.ts";

const OWN_NAME = "daemontools";

function programList(): string {
  const rows = Object.entries(PROGRAMS);
  return rows.map(([name, { summary }]) => `${name.padEnd(14)}${summary}\n`).join("");
}

function listUsage(): string {
  return `usage: ${OWN_NAME} TOOL [ argument ... ], or TOOL by a link of its name\n` +
    `       ${OWN_NAME} help [ TOOL ] | --list | --version\n\n${programList()}`;
}

function say(kernel: Kernel, fd: number, text: string, exitCode: number): number {
  writeFully(kernel, fd, encode(text));
  return exitCode;
}

function runOwn(kernel: Kernel, [verb, topic]: readonly Bytes[]): number {
  const word = verb === undefined ? "" : decode(verb);
  const tool = topic === undefined ? "" : decode(topic);
  if (word === "--version") return say(kernel, 1, `${OWN_NAME} ${VERSION}\n`, EXIT_OK);
  if (word === "--list") return say(kernel, 1, programList(), EXIT_OK);
  if (word === "help" && topic === undefined) return say(kernel, 1, listUsage(), EXIT_OK);
  const program = Object.hasOwn(PROGRAMS, tool) ? PROGRAMS[tool] : undefined;
  if (word === "help" && program !== undefined) {
    return say(kernel, 1, `${tool}: ${program.summary}\nusage: ${program.usage}\n`, EXIT_OK);
  }
  return say(kernel, 2, listUsage(), EXIT_USAGE);
}

async function main(): Promise<number> {
  const kernel = linuxKernel();
  const commandLine = ownCommandLine();
  let invoked = baseName(commandLine[0] ?? encode(OWN_NAME));
  if (decode(invoked) === OWN_NAME) {
    commandLine.shift();
    invoked = commandLine[0] ?? invoked;
  }
  const name = decode(invoked);
  const [invokedAs, ...args] = commandLine;
  if (invokedAs === undefined || !Object.hasOwn(PROGRAMS, name)) return runOwn(kernel, commandLine);
  return enter(name, { invokedAs, args, environment: ownEnvironment(), kernel, enter });
}

Deno.exit(await main());
