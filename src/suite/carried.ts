/** The files of `scripts/` that the executable carries: manual pages, and installing itself. */

import { SUITE_NAME } from "../base/invocation.ts";

/** Beside the main module, which is main.ts, and main.js in the executable. */
const SCRIPTS = new URL("scripts/", Deno.mainModule);

/**
 * Reads a manual page.
 *
 * @param topic what it is about: a tool, or a page of section 7, whose file begins with
 *   `daemontools-`
 * @returns the page in the man(7) language; undefined when there is none
 */
export function manualSource(topic: string): string | undefined {
  if (!/^[a-z0-9][a-z0-9-]*$/.test(topic)) return undefined;
  const pages = [`${topic}.8`, `${topic}.7`, `${SUITE_NAME}-${topic}.7`];
  for (const page of pages) {
    try {
      return Deno.readTextFileSync(new URL(`install/man/${page}`, SCRIPTS));
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
