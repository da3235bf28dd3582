/** Running the scripts that install the tools and remove them. */

import { decode } from "../base/bytes.ts";
import { EXIT_FAILURE } from "../base/exit_codes.ts";
import { fatal } from "../base/messages.ts";
import type { Context } from "../system/context.ts";
import { carriedScripts } from "./carried.ts";
import { childDirectory, ignoringInterrupts } from "./child.ts";

/**
 * Unpacks the scripts into a temporary directory and runs one of them.
 *
 * @param name which one
 * @param context its arguments, and who complains when it cannot be unpacked
 * @returns its exit code, 111 at most
 * @throws {ProgramEnd} when the temporary directory cannot be written, or no process can be had
 */
export async function runInstallScript(
  name: "install" | "uninstall",
  { program, args }: Pick<Context, "program" | "args">,
): Promise<number> {
  const directory = await unpackScripts(program);
  try {
    const command = new Deno.Command("/bin/sh", {
      args: [`${directory}/${name}.sh`, ...args.map((word) => decode(word))],
      cwd: childDirectory(),
      env: { DAEMONTOOLS_EXECUTABLE: `/proc/${Deno.pid}/exe` },
      stdin: "inherit",
      stdout: "inherit",
      stderr: "inherit",
    });
    // What is unpacked must be removed, whatever ends the script.
    const { code } = await ignoringInterrupts(() => start(command, program).status);
    return Math.min(code, EXIT_FAILURE);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

function start(command: Deno.Command, program: string): Deno.ChildProcess {
  try {
    return command.spawn();
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    fatal(program, [`unable to run /bin/sh: ${error.message}`]);
  }
}

/** Unpacks the scripts, and returns where; leaves nothing behind when it cannot. */
async function unpackScripts(program: string): Promise<string> {
  let directory: string | undefined;
  try {
    directory = Deno.makeTempDirSync({ prefix: "daemontools-" });
    for (const [path, text] of Object.entries(await carriedScripts())) {
      const file = `${directory}/${path}`;
      Deno.mkdirSync(file.slice(0, file.lastIndexOf("/")), { recursive: true });
      Deno.writeTextFileSync(file, text);
    }
    return directory;
  } catch (error) {
    if (directory !== undefined) Deno.removeSync(directory, { recursive: true });
    if (!(error instanceof Error)) throw error;
    fatal(program, [`unable to unpack the installation: ${error.message}`]);
  }
}
