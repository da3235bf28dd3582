/** Becoming another program on Linux, and what it inherits of this process. */

import { cString } from "../../base/bytes.ts";
import { ERRNO } from "../../base/errno.ts";
import { CWD } from "../../base/kernel_constants.ts";
import { SIGNAL } from "../../base/signals.ts";
import { SystemError } from "../../base/system_error.ts";
import { lastErrno } from "../../libc/errno_h.ts";
import { mallocH } from "../../libc/malloc_h.ts";
import { CStringArray } from "../../libc/memory.ts";
import { decodeLimit, encodeLimit, resourceH, RLIMIT_SIZE } from "../../libc/resource_h.ts";
import { AT_EACCESS, unistdH, X_OK } from "../../libc/unistd_h.ts";
import type { Execution } from "../kernel.ts";
import { checkResult } from "./check_result.ts";
import { continueAs, isOwnExecutable } from "./continue_in_process.ts";
import { inheritedDescriptors, noteDescriptors } from "./descriptors.ts";
import { executeWith } from "./exec_attributes.ts";
import { restoreMask, useDefaultAction } from "./inherited_signals.ts";

/** {@linkcode Execution} over the C library. */
export const linuxExecution: Execution = {
  execute(path, argv, environment, attributes) {
    const pathString = cString(path);
    // What cannot be executed is not tried: limits should not be in force in vain. But where
    // the question itself is forbidden, as in old containers, only a try tells.
    const isDenied = unistdH.faccessat(CWD, pathString, X_OK, AT_EACCESS) !== 0;
    if (isDenied && lastErrno() !== ERRNO.EPERM) throw new SystemError("execve", lastErrno());
    // The runtime ignores SIGPIPE, and an ignored signal stays ignored across execve.
    useDefaultAction(SIGNAL.PIPE);
    restoreMask();
    const argvBlock = new CStringArray(argv);
    throw executeWith(attributes, pathString, argvBlock, new CStringArray(environment));
  },
  inheritedDescriptors,
  isOwnExecutable,
  noteDescriptors,
  continueAs,
  newSession: () => void checkResult("setsid", unistdH.setsid()),
  getLimit(resource) {
    const buffer = new Uint8Array(RLIMIT_SIZE);
    checkResult("getrlimit", resourceH.getrlimit(resource, buffer));
    return decodeLimit(buffer);
  },
  setLimit(resource, limit) {
    checkResult("setrlimit", resourceH.setrlimit(resource, encodeLimit(limit)));
  },
  releaseMemory: () => void mallocH.malloc_trim(0n),
};
