/** Our executable, installed in a test's directory, where another one can take its place. */

import { copyExecutable, waitForWriters } from "./executable.ts";
import type { TempDir } from "./temp.ts";
import { ROOT } from "./tools.ts";

/** Installs our executable in `bin`, with the links that a test needs. */
export async function install(dir: TempDir, names: readonly string[]): Promise<void> {
  Deno.mkdirSync(dir.join("bin"));
  await copyExecutable(`${ROOT}/build/daemontools`, dir.join("bin/daemontools"));
  for (const name of names) Deno.symlinkSync("daemontools", dir.join(`bin/${name}`));
}

/** Puts another executable in the place of the installed one, as a package does. */
export async function installOther(
  dir: TempDir,
  make: (path: string) => Promise<void>,
): Promise<void> {
  await make(dir.join("bin/next"));
  await waitForWriters(dir.join("bin/next"));
  await Deno.rename(dir.join("bin/next"), dir.join("bin/daemontools"));
}
