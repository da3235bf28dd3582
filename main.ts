/** daemontools as one executable: acts by the name it is called by, or by its first argument. */

import { baseName, decode, encode } from "./src/base/bytes.ts";
import { enter, PROGRAMS, SUITE_NAME } from "./src/programs/registry.ts";
import { ownCommandLine, ownEnvironment } from "./src/system/environment.ts";
import { linuxKernel } from "./src/system/linux.ts";

function isProgram(name: string): boolean {
  return Object.hasOwn(PROGRAMS, name);
}

async function main(): Promise<number> {
  const kernel = linuxKernel();
  const commandLine = ownCommandLine();
  const own = encode(SUITE_NAME);
  const state = { environment: ownEnvironment(), kernel, enter };
  let [invokedAs = own, ...args] = commandLine;
  let name = decode(baseName(invokedAs));
  if (name === SUITE_NAME && args[0] !== undefined && isProgram(decode(args[0]))) {
    [invokedAs = own, ...args] = args;
    name = decode(invokedAs);
  }
  if (isProgram(name)) return enter(name, { ...state, invokedAs, args });
  // By a name that is none of ours the executable only explains itself.
  return enter(SUITE_NAME, { ...state, invokedAs, args: name === SUITE_NAME ? args : [] });
}

Deno.exit(await main());
