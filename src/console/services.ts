/** Which services a command is about: names, patterns and paths on its command line. */

import { decode } from "../base/bytes.ts";
import { closeNames } from "../base/closeness.ts";
import { CWD } from "../base/kernel_constants.ts";
import { SystemError } from "../base/system_error.ts";
import { isDirectory, type ServicePlace } from "../observation/observe.ts";
import type { Context } from "../system/context.ts";

import type { CommandLine } from "./command_line.ts";
import { variable } from "./screen.ts";

const DEFAULT_DIRECTORIES = ["/service", "/etc/service"];

/** Where services are looked for, and what is there. */
export class Services {
  readonly #context: Context;
  /** The directories, absolute paths. */
  readonly directories: readonly string[];

  /** Takes `-C`, or `$DAEMONTOOLS_SERVICES` (directories with colons between them), or the usual. */
  constructor(context: Context, line: CommandLine) {
    this.#context = context;
    const given = line.value("directory");
    const set = variable(context, "DAEMONTOOLS_SERVICES")?.split(":").filter((each) => each !== "");
    const chosen = given === undefined ? set : [given];
    const usual = DEFAULT_DIRECTORIES.filter((path) => isDirectory(context.kernel, path));
    this.directories = chosen?.map(absolutePath) ?? usual.slice(0, 1);
  }

  /** Where they are looked for, in words. */
  get where(): string {
    return (this.directories.length > 0 ? this.directories : DEFAULT_DIRECTORIES).join(" or ");
  }

  /** Where a new service is linked. */
  get first(): string {
    return this.directories[0] ?? DEFAULT_DIRECTORIES[0]!;
  }

  /**
   * All services, by name.
   *
   * @throws {SystemError} when a directory cannot be read
   */
  all(): ServicePlace[] {
    const { kernel } = this.#context;
    const places = new Map<string, ServicePlace>();
    for (const directory of this.directories) {
      const names = kernel.readDirectory(CWD, directory).map((name) => decode(name));
      for (const name of names.sort()) {
        if (name.startsWith(".") || places.has(name)) continue;
        const path = `${directory}/${name}`;
        if (isDirectory(kernel, path)) places.set(name, placeOf(name, path));
      }
    }
    return [...places.values()];
  }

  /**
   * The services that names mean: `NAME`, `NAME/log`, a pattern, or a path that begins with a
   * slash or a dot.
   *
   * @returns the services, each once, and a sentence for each name that means none
   */
  find(names: readonly string[]): { places: ServicePlace[]; unknown: string[] } {
    const places = new Map<string, ServicePlace>();
    const unknown: string[] = [];
    for (const name of names) {
      const found = this.#meant(name);
      if (found.length === 0) unknown.push(this.#unknown(name));
      for (const place of found) if (!places.has(place.path)) places.set(place.path, place);
    }
    return { places: [...places.values()], unknown };
  }

  #meant(name: string): ServicePlace[] {
    const { kernel } = this.#context;
    const bare = name.replace(/(?<=.)\/+$/, "");
    if (/^[./]/.test(bare)) {
      return isDirectory(kernel, bare) ? [placeOf(bare, absolutePath(bare))] : [];
    }
    if (isPattern(bare)) return this.#matching(bare);
    const directory = this.directories.find((each) => isDirectory(kernel, `${each}/${bare}`));
    return directory === undefined || bare === "" ? [] : [placeOf(bare, `${directory}/${bare}`)];
  }

  #matching(name: string): ServicePlace[] {
    const isForLogs = name.endsWith("/log");
    const pattern = patternOf(isForLogs ? name.slice(0, -"/log".length) : name);
    const found = this.#readable().filter((place) => pattern.test(place.name));
    if (!isForLogs) return found;
    return found.map((place) => placeOf(`${place.name}/log`, `${place.path}/log`))
      .filter(({ path }) => isDirectory(this.#context.kernel, path));
  }

  #readable(): ServicePlace[] {
    try {
      return this.all();
    } catch (error) {
      if (error instanceof SystemError) return [];
      throw error;
    }
  }

  #unknown(name: string): string {
    if (/^[./]/.test(name)) return `${name}: there is no such directory`;
    const near = closeNames(name, this.#readable().map((place) => place.name));
    const hint = near.length === 0 ? "" : ` (did you mean ${near.join(" or ")}?)`;
    return `${name}: there is no such service in ${this.where}${hint}`;
  }
}

/** A service in a directory. */
export function placeOf(name: string, path: string): ServicePlace {
  return { name, path, supervisePath: `${path}/supervise` };
}

/** An absolute path. Links and `..` in it stay. */
export function absolutePath(path: string): string {
  const whole = path.startsWith("/") ? path : `${Deno.cwd()}/${path.replace(/^(\.\/+)+/, "")}`;
  return whole.replace(/(?<=.)(\/+\.?)+$/, "");
}

/** Whether a name is a pattern, which may fit several services or none. */
export function isPattern(name: string): boolean {
  return /[*?[]/.test(name);
}

/** A shell's pattern: `*`, `?` and `[...]`. */
export function patternOf(pattern: string): RegExp {
  const source = pattern.replace(/\[!?[^\]]+\]|[^]/g, (part) => {
    if (part === "*") return ".*";
    if (part === "?") return ".";
    if (part.length === 1) return part.replace(/[\\^$.*+?()[\]{}|/]/, "\\$&");
    return `[${part.slice(1, -1).replace(/^!/, "^").replace(/[\\[]/g, "\\$&")}]`;
  });
  return new RegExp(`^${source}$`);
}
