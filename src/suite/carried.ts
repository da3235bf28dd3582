/** The files of `scripts/` that the executable carries: manual pages, and installing itself. */

import { SUITE_NAME } from "../base/invocation.ts";

/** Beside the main module, which is main.ts, and main.js in the executable. */
const SCRIPTS = new URL("scripts/", Deno.mainModule);

/**
 * Reads a manual page.
 *
 * @param topic what it is about: a tool, a subcommand, or a page of section 7; the file's name may
 *   have `daemontools-` before that
 * @returns the page in the man(7) language; undefined when there is none
 */
export function manualSource(topic: string): string | undefined {
  if (!/^[a-z0-9][a-z0-9-]*$/.test(topic)) return undefined;
  for (const name of [topic, `${SUITE_NAME}-${topic}`]) {
    const page = readPage(`${name}.8`) ?? readPage(`${name}.7`);
    if (page !== undefined) return page;
  }
  return undefined;
}

/** Reads a file of manual pages, or the one that it names by `.so`; undefined when it is missing. */
function readPage(file: string): string | undefined {
  try {
    const text = Deno.readTextFileSync(new URL(`install/man/${file}`, SCRIPTS));
    const other = /^\.so man\d\/(\S+)\n$/.exec(text)?.[1];
    return other === undefined ? text : readPage(other);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
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
