/** Becoming another account, as setuidgid does it. */

import type { Bytes } from "../base/bytes.ts";
import { RLIMIT } from "../base/kernel_constants.ts";
import { fatal } from "../base/messages.ts";
import { SystemError } from "../base/system_error.ts";
import type { Context } from "../system/context.ts";
import type { ProgramKernel } from "../system/kernel.ts";
import { limitOf } from "./exec_attributes.ts";

/**
 * Takes on an account's user and group for good.
 *
 * @param program who complains
 * @param name the account
 * @param withGroups whether the account's other groups are taken on too
 * @throws {ProgramEnd} with exit code 111 when there is no such account, or it cannot be had
 */
export function becomeAccountNamed(
  { kernel, execAttributes }: Pick<Context<ProgramKernel>, "kernel" | "execAttributes">,
  program: string,
  name: Bytes,
  withGroups = false,
): void {
  const account = kernel.findAccount(name);
  if (account === null) fatal(program, ["unknown account ", name]);
  try {
    const groups = withGroups ? kernel.findGroups(name, account.gid) : undefined;
    kernel.becomeAccount({ ...account, groups }, limitOf(execAttributes, RLIMIT.NPROC));
  } catch (error) {
    const isUser = error instanceof SystemError && error.call === "setuid";
    fatal(program, [`unable to ${isUser ? "setuid" : "setgid"}`], error);
  }
}
