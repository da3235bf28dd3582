/**
 * Bundles the programs for the executable: a file for what each program has alone, others for what
 * several share, so that a program loads little more than its own code. Functions keep their names,
 * and the source maps lie beside, so that bug reports can be read; so do the manual pages and what
 * installs the executable.
 *
 * A bundle may hold this repository's modules and those of `@std`; with others it fails.
 *
 * usage: deno run --allow-all scripts/lib/bundle.ts ESBUILD DIRECTORY [argument of `deno info`]...
 *
 * The bundle is then in DIRECTORY/bundle; what else is in DIRECTORY may be removed.
 */

import { readScripts } from "../../src/suite/carried.ts";
import { type Layout, layOut, type ModuleGraph } from "./module_graph.ts";

const ENTRY = "main.ts";
/** Small modules that many share: they go along with the entry, as a file of their own takes time. */
const SHARED = ["src/base/interpreter.ts", "src/base/version.ts"];
const OPTIONS = [
  "--bundle",
  "--splitting",
  "--format=esm",
  "--platform=neutral",
  "--target=esnext",
  // Identifiers stay: functions are named in bug reports.
  "--minify-whitespace",
  "--minify-syntax",
  // The runtime shows the line of an error, so that one must not be the whole program.
  "--line-limit=100",
  "--sourcemap=external",
  "--sources-content=false",
  "--log-level=warning",
] as const;

/** What esbuild says about a bundle. @see https://esbuild.github.io/api/#metafile */
interface Metafile {
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** Runs a command; what it prints. */
async function output(command: string, args: readonly string[]): Promise<string> {
  const { success, stdout } = await new Deno.Command(command, {
    args: [...args],
    stderr: "inherit",
  }).output();
  if (!success) throw new Error(`${command} failed`);
  return new TextDecoder().decode(stdout);
}

async function copyFetched({ places }: Layout): Promise<void> {
  for (const [place, local] of places) {
    if (place === local) continue;
    await Deno.mkdir(place.slice(0, place.lastIndexOf("/")), { recursive: true });
    await Deno.copyFile(local, place);
  }
}

/** What esbuild needs to know of deno.json and of Deno's way to resolve. */
function tsconfig({ names }: Layout): string {
  const paths = Object.fromEntries([...names].map(([name, place]) => [name, [place]]));
  return JSON.stringify({ compilerOptions: { paths, strict: true, verbatimModuleSyntax: true } });
}

async function bundle(esbuild: string, to: string, infoArgs: readonly string[]): Promise<void> {
  const info = await output(Deno.execPath(), ["info", "--json", ...infoArgs, ENTRY]);
  const graph = JSON.parse(info) as ModuleGraph;
  const root = await Deno.realPath(".");
  const layout = layOut(graph, root, `${to}/fetched`);
  const { places } = layout;
  await copyFetched(layout);
  await Deno.writeTextFile(`${to}/tsconfig.json`, tsconfig(layout));
  await output(esbuild, [
    ENTRY,
    ...OPTIONS,
    // As if every module began with imports of these: what they need becomes one chunk, where there
    // would be one for each way of sharing parts of it.
    ...[ENTRY, ...SHARED].filter((path) => places.has(`${root}/${path}`))
      .map((path) => `--inject:./${path}`),
    `--tsconfig=${to}/tsconfig.json`,
    `--metafile=${to}/metafile.json`,
    `--outdir=${to}/bundle`,
  ]);
  const { inputs } = JSON.parse(await Deno.readTextFile(`${to}/metafile.json`)) as Metafile;
  for (const input of Object.keys(inputs)) {
    const place = await Deno.realPath(input);
    if (!places.has(place)) throw new Error(`the bundle holds ${place}, which is unknown`);
  }
  await uniteEntry(`${to}/bundle`);
  await packMaps(`${to}/bundle`);
  await pack(`${to}/bundle/scripts.json.gz`, readScripts(new URL("../", import.meta.url)));
}

/**
 * Gives the entry's name to the chunk that holds what it needs. All that the entry does is import
 * that one, and each file takes time to load.
 */
async function uniteEntry(directory: string): Promise<void> {
  const entry = "main.js";
  const text = await Deno.readTextFile(`${directory}/${entry}`);
  const chunk = /^import"\.\/(chunk-\w+\.js)";\n$/.exec(text)?.[1];
  if (chunk === undefined) throw new Error(`${entry} is more than an import: ${text}`);
  for (const extension of ["", ".map"]) {
    await Deno.rename(`${directory}/${chunk}${extension}`, `${directory}/${entry}${extension}`);
  }
  // What follows on a line stays in its column, for the source maps.
  const [from, to] = [`"./${chunk}"`, `"./${entry}"`];
  for (const { name } of Deno.readDirSync(directory)) {
    if (!name.endsWith(".js")) continue;
    const importing = await Deno.readTextFile(`${directory}/${name}`);
    const changed = importing.replaceAll(from, to.padEnd(from.length));
    await Deno.writeTextFile(`${directory}/${name}`, changed);
  }
}

/** Makes one compressed file of the source maps, which are long and nearly never read. */
async function packMaps(directory: string): Promise<void> {
  const maps: Record<string, unknown> = {};
  const names = [...Deno.readDirSync(directory)].map(({ name }) => name).sort();
  for (const name of names.filter((each) => each.endsWith(".map"))) {
    const path = `${directory}/${name}`;
    maps[name.slice(0, -".map".length)] = JSON.parse(await Deno.readTextFile(path));
    await Deno.remove(path);
  }
  await pack(`${directory}/maps.json.gz`, maps);
}

async function pack(path: string, value: unknown): Promise<void> {
  const text = new Blob([JSON.stringify(value)]).stream();
  await Deno.writeFile(path, text.pipeThrough(new CompressionStream("gzip")));
}

if (import.meta.main) {
  const [esbuild, to, ...infoArgs] = Deno.args;
  if (esbuild === undefined || to === undefined) throw new Error("usage: see above");
  await bundle(esbuild, await Deno.realPath(to), infoArgs);
}
