/** daemontools as one executable: acts by the name it is called by, or by its first argument. */

import { readInvocation } from "./src/base/invocation.ts";
import { enter, isProgram } from "./src/suite/enter.ts";
import { takeCarriedLimits } from "./src/system/carried_limits.ts";
import { ownCommandLine, ownEnvironment } from "./src/system/linux/exec_arguments.ts";
import { linuxFileKernel } from "./src/system/linux/file_kernel.ts";

const kernel = linuxFileKernel();
const { name, ...called } = readInvocation(ownCommandLine(kernel), isProgram);
const { environment, limits } = takeCarriedLimits(ownEnvironment(kernel));
const execAttributes = { limits, descriptors: [] };
Deno.exit(
  await enter(name, { ...called, environment, execAttributes, kernel, enter, isProgram }),
);
