/** The modules that the executable is made from, as Deno resolves them, laid out for a bundler. */

/** The parts used here of what `deno info --json` prints. */
export interface ModuleGraph {
  /** The modules. */
  readonly modules: readonly GraphModule[];
  /** From specifiers to others that they stand for: a package to the URL of its module. */
  readonly redirects?: Readonly<Record<string, string>>;
}

/** One module of a graph. */
export interface GraphModule {
  /** Its URL. */
  readonly specifier: string;
  /** The file that holds it; absent when it could not be had, and where there is no such thing. */
  readonly local?: string;
  /** What it imports, as written there; `code` is what that is, unless only types are taken. */
  readonly dependencies?: readonly {
    readonly specifier: string;
    readonly code?: { readonly specifier?: string };
  }[];
}

/** Where a bundler finds what a graph holds. */
export interface Layout {
  /** From the place of each module to the file that holds it; these differ for what was fetched. */
  readonly places: ReadonlyMap<string, string>;
  /** From each import that is not a path to the place that it stands for. */
  readonly names: ReadonlyMap<string, string>;
}

/**
 * Lays out a graph's modules as files. What Deno fetched gets the path that its URL has, so that
 * the imports by path within a package hold.
 *
 * @param graph the modules and what they import
 * @param root the repository, an absolute path
 * @param directory where fetched modules are to be copied, an absolute path
 * @throws {Error} when a module is neither the repository's nor of `@std`, or could not be had
 */
export function layOut(graph: ModuleGraph, root: string, directory: string): Layout {
  const places = new Map<string, string>();
  const names = new Map<string, string>();
  const placeOf = (specifier: string): string => {
    const url = new URL(graph.redirects?.[specifier] ?? specifier);
    if (url.protocol === "file:") return decodeURIComponent(url.pathname);
    return `${directory}/${url.host}${url.pathname}`;
  };
  for (const { specifier, local, dependencies = [] } of graph.modules) {
    const place = placeOf(specifier);
    if (!isOurs(place, root) && !isStd(place, root, directory)) {
      throw new Error(`${specifier} must not be in the executable`);
    }
    if (local === undefined) throw new Error(`${specifier} cannot be had`);
    places.set(place, local);
    for (const { specifier: name, code } of dependencies) {
      if (code?.specifier === undefined || /^(?:\.{0,2}\/|\w+:\/)/.test(name)) continue;
      names.set(name, placeOf(code.specifier));
    }
  }
  return { places, names };
}

function isOurs(place: string, root: string): boolean {
  return place === `${root}/main.ts` || place.startsWith(`${root}/src/`);
}

function isStd(place: string, root: string, directory: string): boolean {
  if (place.startsWith(`${root}/scripts/offline/std/`)) return true;
  return place.startsWith(`${directory}/`) &&
    /^[^/]*\/@std\//.test(place.slice(directory.length + 1));
}
