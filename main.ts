/** daemontools as one executable: acts by the name it is called by, or by its first argument. */

import { readInvocation } from "./src/base/invocation.ts";
import { enter, isProgram } from "./src/suite/enter.ts";
import { ownCommandLine, ownEnvironment } from "./src/system/linux/exec_arguments.ts";
import { linuxKernel } from "./src/system/linux/linux_kernel.ts";

const { name, ...called } = readInvocation(ownCommandLine(), isProgram);
const kernel = linuxKernel();
const environment = ownEnvironment();
const execAttributes = { limits: [], descriptors: [] };
Deno.exit(
  await enter(name, { ...called, environment, execAttributes, kernel, enter, isProgram }),
);
