/** Running the scripts that install the tools and remove them. */

import { type Bytes, decode } from "../base/bytes.ts";
import { EXIT_FAILURE } from "../base/exit_codes.ts";
import { unpack } from "./carried.ts";
import { ignoringInterrupts } from "./child.ts";

/** What the scripts need of `scripts/`. */
const PARTS = ["install.sh", "uninstall.sh", "install"] as const;

/**
 * Unpacks the scripts into a temporary directory and runs one of them.
 *
 * @param name which one
 * @param args its arguments
 * @returns its exit code, 111 at most
 * @throws {Error} of the runtime, when the temporary directory cannot be written
 */
export async function runInstallScript(
  name: "install" | "uninstall",
  args: readonly Bytes[],
): Promise<number> {
  const directory = Deno.makeTempDirSync({ prefix: "daemontools-" });
  try {
    for (const part of PARTS) unpack(part, directory);
    const command = new Deno.Command("/bin/sh", {
      args: [`${directory}/${name}.sh`, ...args.map((word) => decode(word))],
      env: { DAEMONTOOLS_EXECUTABLE: `/proc/${Deno.pid}/exe` },
      stdin: "inherit",
      stdout: "inherit",
      stderr: "inherit",
    });
    // What is unpacked must be removed, whatever ends the script.
    const { code } = await ignoringInterrupts(() => command.spawn().status);
    return Math.min(code, EXIT_FAILURE);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}
