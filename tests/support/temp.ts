/** Directories that go away with the test. */

/** A directory of its own for one test. */
export interface TempDir extends AsyncDisposable {
  /** Its absolute path, without symbolic links. */
  readonly path: string;
  /** The absolute path of something in it. */
  join(name: string): string;
}

/**
 * Makes an empty directory that everyone may enter, so that a service which gave up its
 * privileges can too: `await using dir = await tempDir()`.
 *
 * @returns the directory; it is removed, with all that it holds, when it is disposed of
 */
export async function tempDir(): Promise<TempDir> {
  const path = await Deno.realPath(await Deno.makeTempDir({ prefix: "daemontools-" }));
  await Deno.chmod(path, 0o755);
  return {
    path,
    join: (name) => `${path}/${name}`,
    async [Symbol.asyncDispose](): Promise<void> {
      await removeTree(path);
    },
  };
}

/** The names in a directory, sorted. */
export function namesIn(path: string): string[] {
  return [...Deno.readDirSync(path)].map(({ name }) => name).sort();
}

/**
 * Removes a directory with all that it holds. A process may still write there: tries again for as
 * long as that can take.
 */
export async function removeTree(path: string): Promise<void> {
  for (let attempt = 1;; attempt++) {
    try {
      return await Deno.remove(path, { recursive: true });
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return;
      if (attempt === 400) throw error;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
}
