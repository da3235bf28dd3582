/**
 * Stand-in for `@std/fs` where JSR cannot be reached: the same names and signatures, for the few
 * functions that the project imports.
 *
 * @see jsr:@std/fs
 */

/** Makes a directory, and those above it, unless it exists. */
export async function ensureDir(path: string | URL): Promise<void> {
  await Deno.mkdir(path, { recursive: true });
}

/** Makes a directory, and those above it, unless it exists. */
export function ensureDirSync(path: string | URL): void {
  Deno.mkdirSync(path, { recursive: true });
}

/** What `exists` is to look for besides the name. */
export interface ExistsOptions {
  /** Only a directory counts. */
  isDirectory?: boolean;
  /** Only a regular file counts. */
  isFile?: boolean;
}

function counts(info: Deno.FileInfo, options: ExistsOptions | undefined): boolean {
  if (options?.isDirectory && options.isFile) {
    throw new TypeError("ExistsOptions.isDirectory and ExistsOptions.isFile exclude each other");
  }
  return (!options?.isDirectory || info.isDirectory) && (!options?.isFile || info.isFile);
}

/** Tells whether the path leads to something; a link to nothing does not. */
export async function exists(path: string | URL, options?: ExistsOptions): Promise<boolean> {
  try {
    return counts(await Deno.stat(path), options);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Tells whether the path leads to something; a link to nothing does not. */
export function existsSync(path: string | URL, options?: ExistsOptions): boolean {
  try {
    return counts(Deno.statSync(path), options);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Removes all that a directory holds; makes the directory if it does not exist. */
export async function emptyDir(path: string | URL): Promise<void> {
  await ensureDir(path);
  const directory = path instanceof URL ? decodeURIComponent(path.pathname) : path;
  for await (const entry of Deno.readDir(directory)) {
    await Deno.remove(`${directory}/${entry.name}`, { recursive: true });
  }
}
