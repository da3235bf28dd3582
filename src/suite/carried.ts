/** The files of `scripts/` that the executable carries: manual pages, and installing itself. */

const SCRIPTS = new URL("../../scripts/", import.meta.url);

/**
 * Reads a manual page.
 *
 * @param topic what it is about: a tool, or a page of section 7
 * @returns the page in the man(7) language; undefined when there is none
 */
export function manualSource(topic: string): string | undefined {
  if (!/^[a-z0-9][a-z0-9-]*$/.test(topic)) return undefined;
  for (const section of [8, 7]) {
    try {
      return Deno.readTextFileSync(new URL(`install/man/${topic}.${section}`, SCRIPTS));
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return undefined;
}

/**
 * Copies a file, or a directory with all that is in it.
 *
 * @param name its path below `scripts/`
 * @param directory where the copy gets the same path
 * @throws {Deno.errors.NotFound} and others of the file system
 */
export function unpack(name: string, directory: string): void {
  const source = new URL(name, SCRIPTS);
  if (!Deno.statSync(source).isDirectory) {
    return Deno.writeFileSync(`${directory}/${name}`, Deno.readFileSync(source));
  }
  Deno.mkdirSync(`${directory}/${name}`);
  for (const entry of Deno.readDirSync(source)) unpack(`${name}/${entry.name}`, directory);
}
