/** daemontools as one executable: acts by the name it is called by, or by its first argument. */

import { readInvocation } from "./src/base/invocation.ts";
import { enter, isProgram } from "./src/suite/enter.ts";
import { takeCarriedLimits } from "./src/system/carried_limits.ts";
import { ownCommandLine, ownEnvironment } from "./src/system/linux/exec_arguments.ts";
import { linuxFileKernel } from "./src/system/linux/file_kernel.ts";

const kernel = linuxFileKernel();
const { name, ...called } = readInvocation(ownCommandLine(), isProgram);
const { environment, limits } = takeCarriedLimits(ownEnvironment());
const execAttributes = { limits, descriptors: [] };
// Nothing may be awaited here: in the executable every chunk of the bundle imports this module.
enter(name, { ...called, environment, execAttributes, kernel, enter, isProgram }).then(Deno.exit);
