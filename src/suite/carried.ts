/**
 * What the executable carries beside its modules: manual pages, installing itself, source maps. The
 * runtime reads all of it whenever it starts, so each kind is one compressed file.
 */

import { SUITE_NAME } from "../base/invocation.ts";

/** Texts by their path. */
export type Texts = Readonly<Record<string, string>>;

/** What is carried of `scripts/`. */
const SCRIPTS = ["install.sh", "uninstall.sh", "install"] as const;

/**
 * Reads a compressed file of JSON that lies beside the main module.
 *
 * @param name the file's, without its extensions
 * @returns what is in it; undefined where there is no such file
 */
export async function readCarried(name: string): Promise<unknown> {
  try {
    using file = await Deno.open(new URL(`${name}.json.gz`, Deno.mainModule));
    const text = file.readable.pipeThrough(new DecompressionStream("gzip"));
    return await new Response(text).json();
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Reads what is carried of a directory `scripts/`, by path in it. */
export function readScripts(directory: URL): Texts {
  return Object.fromEntries(SCRIPTS.flatMap((name) => textsBelow(directory, name)));
}

function textsBelow(directory: URL, path: string): [path: string, text: string][] {
  const place = new URL(path, directory);
  if (!Deno.statSync(place).isDirectory) return [[path, Deno.readTextFileSync(place)]];
  const names = [...Deno.readDirSync(place)].map(({ name }) => name).sort();
  return names.flatMap((name) => textsBelow(directory, `${path}/${name}`));
}

/** The scripts that install the tools, and the manual pages, by path below `scripts/`. */
export async function carriedScripts(): Promise<Texts> {
  // From the repository, when the sources run as they are.
  return await readCarried("scripts") as Texts | undefined ??
    readScripts(new URL("scripts/", Deno.mainModule));
}

/**
 * Reads a manual page.
 *
 * @param topic what it is about: a tool, a subcommand, or a page of section 7; the file's name may
 *   have `daemontools-` before that
 * @returns the page in the man(7) language; undefined when there is none
 */
export async function manualSource(topic: string): Promise<string | undefined> {
  const scripts = await carriedScripts();
  const names = [topic, `${SUITE_NAME}-${topic}`].flatMap((name) => [`${name}.8`, `${name}.7`]);
  const pages = names.map((name) => pageOf(scripts, name));
  return pages.find((page) => page !== undefined);
}

/** A file of manual pages, or the one that it names by `.so`; undefined when it is missing. */
function pageOf(scripts: Texts, file: string): string | undefined {
  const path = `install/man/${file}`;
  if (!Object.hasOwn(scripts, path)) return undefined;
  const text = scripts[path]!;
  const other = /^\.so man\d\/(\S+)\n$/.exec(text)?.[1];
  return other === undefined ? text : pageOf(scripts, other);
}
