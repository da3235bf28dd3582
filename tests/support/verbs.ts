/** The everyday commands, on services that a svscan of the test's own runs. */

import { ensureDir } from "@std/fs/ensure-dir";
import { type ServiceFiles, waitForSupervisor, writeService } from "./service.ts";
import { tempDir } from "./temp.ts";
import {
  ROOT,
  run,
  type RunOptions,
  type RunResult,
  start,
  type Started,
  TOOLS_DIR,
} from "./tools.ts";

/** The executable, whichever tools supervise. */
export const EXECUTABLE = `${ROOT}/build/daemontools`;

/** A svscan with services. */
export interface Tree extends AsyncDisposable {
  /** The services' directory. */
  readonly path: string;
  /** The svscan. */
  readonly svscan: Started;
  /** The path of something in the services' directory. */
  join(name: string): string;
  /** The path of something beside it. */
  beside(name: string): string;
  /** Runs a command on these services: `verb(["status", "--json"])`. */
  verb(args: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** Starts one that stays. */
  startVerb(args: readonly string[]): Started;
}

/**
 * Writes services and starts svscan on them.
 *
 * @param services what each name's directory is to hold
 * @param svscan the svscan to run; that of the tools under test unless given
 */
export async function startTree(
  services: Record<string, ServiceFiles>,
  svscan = "svscan",
): Promise<Tree> {
  const dir = await tempDir();
  const path = dir.join("service");
  await ensureDir(path);
  for (const [name, files] of Object.entries(services)) {
    await writeService(`${path}/${name}`, files);
  }
  const env = { DAEMONTOOLS_SERVICES: path };
  // C's svscan finds supervise by PATH.
  const besides = svscan.includes("/") ? { env: { PATH: "/usr/bin:/bin" } } : {};
  const started = start(svscan, [path], besides);
  for (const [name, { logRun }] of Object.entries(services)) {
    await waitForSupervisor(`${path}/${name}`);
    if (logRun !== undefined) await waitForSupervisor(`${path}/${name}/log`);
  }
  return {
    path,
    svscan: started,
    join: (name) => `${path}/${name}`,
    beside: (name) => dir.join(name),
    verb: (args, options = {}) =>
      run(EXECUTABLE, args, { ...options, env: { ...env, ...options.env } }),
    startVerb: (args) => start(EXECUTABLE, args, { env }),
    async [Symbol.asyncDispose](): Promise<void> {
      await started[Symbol.asyncDispose]();
      await dir[Symbol.asyncDispose]();
    },
  };
}

/** C's svscan, where Debian's daemontools is installed. */
export const C_SVSCAN = "/usr/bin/svscan";

/** Whether there is one. */
export const hasC: boolean = TOOLS_DIR !== "/usr/bin" &&
  await Deno.stat(C_SVSCAN).then(({ isFile }) => isFile, () => false);

/** A log script: multilog into `./main`. */
export const LOGGER = "exec multilog t s4096 n20 ./main";
