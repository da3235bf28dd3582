/** Running what a table's entry stands for. */

import type { Bytes } from "../base/bytes.ts";
import type { Context } from "../system/context.ts";
import type { FileKernel, Files } from "../system/kernel.ts";
import { superviseDirectoryOf } from "../system/supervise_variable.ts";
import type { Command, ModuleWithKernel } from "./command.ts";

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
  if (command.kernel === "program") return await runOn(base, await command.load(), context);
  if (command.kernel === "processes") return await runOn(base, await command.load(), context);
  const [{ run }, { linuxKernel }] = await Promise.all([
    command.load(),
    import("../system/linux/linux_kernel.ts"),
  ]);
  const kernel = await placed(linuxKernel(), base);
  return await Promise.race([run({ ...context, kernel }), escapedError()]);
}

/** Runs a program on the part of the kernel interface that came with it. */
async function runOn<K extends Files & FileKernel, More>(
  base: Bytes | undefined,
  { run, newKernel }: ModuleWithKernel<K, More>,
  context: Context<FileKernel> & More,
): Promise<number> {
  return await run({ ...context, kernel: await placed(newKernel(), base) });
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
