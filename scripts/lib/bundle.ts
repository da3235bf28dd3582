/**
 * Bundles the programs for the executable: a file for what each program has alone, others for what
 * several share, so that a program loads little more than its own code. Functions keep their names,
 * and a source map lies beside each file, so that bug reports can be read.
 *
 * A bundle may hold this repository's modules and those of `@std`; with others it fails.
 *
 * usage: deno run --allow-all scripts/lib/bundle.ts ESBUILD DIRECTORY [argument of `deno info`]...
 *
 * The bundle is then in DIRECTORY/bundle; what else is in DIRECTORY may be removed.
 */

import { type Layout, layOut, type ModuleGraph } from "./module_graph.ts";

const ENTRY = "main.ts";
const OPTIONS = [
  "--bundle",
  "--splitting",
  // As if every module began with an import of this one: what the entry needs becomes one chunk,
  // where there would be one for each way of sharing parts of it.
  `--inject:./${ENTRY}`,
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
  const layout = layOut(graph, await Deno.realPath("."), `${to}/fetched`);
  await copyFetched(layout);
  await Deno.writeTextFile(`${to}/tsconfig.json`, tsconfig(layout));
  await output(esbuild, [
    ENTRY,
    ...OPTIONS,
    `--tsconfig=${to}/tsconfig.json`,
    `--metafile=${to}/metafile.json`,
    `--outdir=${to}/bundle`,
  ]);
  const { inputs } = JSON.parse(await Deno.readTextFile(`${to}/metafile.json`)) as Metafile;
  for (const input of Object.keys(inputs)) {
    const place = await Deno.realPath(input);
    if (!layout.places.has(place)) throw new Error(`the bundle holds ${place}, which is unknown`);
  }
  await compressMaps(`${to}/bundle`);
}

/** Source maps are long, and nearly never read: each is kept compressed. */
async function compressMaps(directory: string): Promise<void> {
  for await (const { name } of Deno.readDir(directory)) {
    if (!name.endsWith(".map")) continue;
    using map = await Deno.open(`${directory}/${name}`);
    await Deno.writeFile(
      `${directory}/${name}.gz`,
      map.readable.pipeThrough(new CompressionStream("gzip")),
    );
    await Deno.remove(`${directory}/${name}`);
  }
}

if (import.meta.main) {
  const [esbuild, to, ...infoArgs] = Deno.args;
  if (esbuild === undefined || to === undefined) throw new Error("usage: see above");
  await bundle(esbuild, await Deno.realPath(to), infoArgs);
}
