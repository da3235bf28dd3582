/** Running what a table's entry stands for. */

import type { Bytes } from "../base/bytes.ts";
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
  if (command.kernel === "files" && base === undefined) {
    const { run } = await command.load();
    return await run(context);
  }
  if (command.kernel === "program") {
    const [{ run }, { linuxProgramKernel }] = await Promise.all([
      command.load(),
      import("./chain_programs.ts"),
    ]);
    return await run({ ...context, kernel: await placed(linuxProgramKernel(), base) });
  }
  const [{ run }, { linuxKernel }] = await Promise.all([
    command.load(),
    import("../system/linux/linux_kernel.ts"),
  ]);
  const kernel = await placed(linuxKernel(), base);
  return await Promise.race([run({ ...context, kernel }), escapedError()]);
}

/** A kernel that finds `supervise` directories where `SUPERVISEDIR` has them, if it is set. */
async function placed<K extends Files>(kernel: K, base: Bytes | undefined): Promise<K> {
  if (base === undefined) return kernel;
  const { withSuperviseDirectory } = await import("../system/supervise_directory.ts");
  return withSuperviseDirectory(kernel, base);
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
