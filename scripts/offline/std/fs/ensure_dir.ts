/**
 * Stand-in for `@std/fs/ensure-dir` where JSR cannot be reached.
 *
 * @see jsr:@std/fs/ensure-dir
 */

/** Makes a directory, and those above it, unless it exists. Rejects if that is something else. */
export async function ensureDir(dir: string | URL): Promise<void> {
  await Deno.mkdir(dir, { recursive: true });
}

/** Makes a directory, and those above it, unless it exists. Throws if that is something else. */
export function ensureDirSync(dir: string | URL): void {
  Deno.mkdirSync(dir, { recursive: true });
}
