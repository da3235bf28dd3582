/** Running what a table's entry stands for. */

import type { Context } from "../system/context.ts";
import type { FileKernel, Files } from "../system/kernel.ts";
import { superviseDirectoryOf } from "../system/supervise_variable.ts";
import type { Command } from "./command.ts";

/**
 * Loads a command, and what else of the kernel interface it uses, and runs it.
 *
 * @param command an entry of a table
 * @param context what it is given, with the part of the kernel that there is already
 * @returns its exit code
 * @throws what it throws, and, of a program that uses all of the kernel interface, what is thrown
 *   anywhere while it runs
 */
export async function runCommand<More>(
  command: Command<More>,
  context: Context<FileKernel> & More,
): Promise<number> {
  const base = superviseDirectoryOf(context.environment);
  const places = base && await import("../system/supervise_directory.ts");
  const placed = <K extends Files>(kernel: K): K =>
    places ? places.withSuperviseDirectory(kernel, base) : kernel;
  if (command.kernel === "files") {
    const { run } = await command.load();
    return await run({ ...context, kernel: placed(context.kernel) });
  }
  if (command.kernel === "program") {
    const [{ run }, { linuxProgramKernel }] = await Promise.all([
      command.load(),
      import("./chain_programs.ts"),
    ]);
    return await run({ ...context, kernel: placed(linuxProgramKernel()) });
  }
  const [{ run }, { linuxKernel }] = await Promise.all([
    command.load(),
    import("../system/linux/linux_kernel.ts"),
  ]);
  return await Promise.race([run({ ...context, kernel: placed(linuxKernel()) }), escapedError()]);
}

/** Rejects with what is thrown where nobody waits for it, such as in the handler of a signal. */
function escapedError(): Promise<never> {
  return new Promise((_, reject) => {
    globalThis.onerror = (event) => {
      event.preventDefault();
      reject(event.error);
    };
    globalThis.onunhandledrejection = (event) => {
      event.preventDefault();
      reject(event.reason);
    };
  });
}
