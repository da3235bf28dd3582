/**
 * `SUPERVISEDIR`, as in daemontools-encore: all `supervise` directories are in one place, each
 * named by the path of its service with `:` for `/`. So service directories may be read-only.
 *
 * This is done where files are named, so that nobody who keeps or reads a file there has to know.
 * A path leads there whose last or last but one component is `supervise`.
 */

import { type Bytes, concat, encode } from "../base/bytes.ts";
import { ERRNO } from "../base/errno.ts";
import { CWD } from "../base/kernel_constants.ts";
import { errnoOf, SystemError } from "../base/system_error.ts";
import type { ChangeWatcher, Files, Path } from "./kernel.ts";

const DELETED = " (deleted)";
const SLASH = 0x2f;
const COLON = 0x3a;

/** One character a byte, so that any path can be looked at as text. */
function toText(path: Path): string {
  return Array.from(
    typeof path === "string" ? encode(path) : path,
    (byte) => String.fromCharCode(byte),
  ).join("");
}

function toBytes(text: string): Bytes {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** Translates paths. */
class Places {
  readonly #files: Files;
  readonly #base: Bytes;

  constructor(files: Files, base: Bytes) {
    this.#files = files;
    this.#base = base;
  }

  /**
   * Where a path leads.
   *
   * @throws {SystemError} when its service directory is not there
   */
  translate(at: number, path: Path): Path {
    const match = /^(?:([^]*)\/)?supervise(?:\/([^/]+))?$/.exec(toText(path));
    if (match === null) return path;
    const [, directory, name] = match;
    // Relative to the working directory this is a service of that name.
    if (directory === undefined && at === CWD) return path;
    const place = this.#placeOf(at, directory === undefined ? "." : toBytes(directory || "/"));
    return name === undefined ? place : concat(place, "/", toBytes(name));
  }

  /** Makes the base, once it turns out that it is missing. */
  makeBase(): void {
    try {
      this.#files.mkdir(CWD, this.#base, 0o755);
    } catch (error) {
      if (errnoOf(error) !== ERRNO.EEXIST) throw error;
    }
  }

  /** The `supervise` directory of a service directory. A relative base is a name in that. */
  #placeOf(at: number, directory: Path): Bytes {
    if (this.#base[0] !== SLASH) return concat(directory, "/", this.#base);
    const fd = this.#files.openDirectory(at, directory);
    try {
      const path = this.#files.readLink(CWD, `/proc/self/fd/${fd}`);
      if (toText(path).endsWith(DELETED) && this.#files.statFd(fd).links === 0) {
        throw new SystemError("open", ERRNO.ENOENT);
      }
      const flat = path.map((byte, index) => byte === SLASH && index > 0 ? COLON : byte);
      return concat(this.#base, flat);
    } finally {
      this.#files.close(fd);
    }
  }
}

/**
 * A kernel with all `supervise` directories in one place.
 *
 * @param base the place; a relative one is the name of the directory in each service directory
 */
export function withSuperviseDirectory<K extends Files>(kernel: K, base: Bytes): K {
  const places = new Places(kernel, base);
  const moved =
    <A extends unknown[], R>(call: (at: number, path: Path, ...rest: A) => R) =>
    (at: number, path: Path, ...rest: A): R => call(at, places.translate(at, path), ...rest);
  const mkdir = moved(kernel.mkdir);
  const files: Partial<Files> = {
    openRead: moved(kernel.openRead),
    openWrite: moved(kernel.openWrite),
    openReadWrite: moved(kernel.openReadWrite),
    openAppend: moved(kernel.openAppend),
    openTruncate: moved(kernel.openTruncate),
    stat: moved(kernel.stat),
    statLink: moved(kernel.statLink),
    fileTimes: moved(kernel.fileTimes),
    leadsTo: moved(kernel.leadsTo),
    mkfifo: moved(kernel.mkfifo),
    unlink: moved(kernel.unlink),
    readLink: moved(kernel.readLink),
    readDirectory: moved(kernel.readDirectory),
    rename: (at, from, to) =>
      kernel.rename(at, places.translate(at, from), places.translate(at, to)),
    mkdir(at, path, mode) {
      try {
        mkdir(at, path, mode);
      } catch (error) {
        const isMoved = places.translate(at, path) !== path;
        if (!isMoved || errnoOf(error) !== ERRNO.ENOENT) throw error;
        places.makeBase();
        mkdir(at, path, mode);
      }
    },
  };
  return { ...kernel, ...files, ...movedWatcher(kernel, places) };
}

/** What watches directories, where the kernel has that. */
function movedWatcher(kernel: Files, places: Places): object {
  const make = "newChangeWatcher" in kernel ? kernel.newChangeWatcher : undefined;
  if (typeof make !== "function") return {};
  return {
    newChangeWatcher(): ChangeWatcher {
      const watcher: ChangeWatcher = make();
      const add = watcher.add.bind(watcher);
      watcher.add = (path) => add(places.translate(CWD, path));
      return watcher;
    },
  };
}
