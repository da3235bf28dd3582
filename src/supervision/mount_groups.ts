/**
 * Which names in the directory of services lead to the same file system, told without touching
 * that: it may be one that hangs. A name's links are followed up to the first mount point that is
 * not above the directory itself; what is below it is told by its path alone.
 */

import { type Bytes, decode } from "../base/bytes.ts";
import { CWD } from "../base/kernel_constants.ts";
import { ignoreSystemError } from "../base/system_error.ts";
import type { Path } from "../system/kernel.ts";
import type { SupervisionKernel } from "./host.ts";

const MOUNTS = "/proc/self/mountinfo";
const CHUNK_SIZE = 16384;
/** As many as the kernel follows. */
const MOST_LINKS = 40;

/** What tells mount points: the parts of the kernel that it needs. */
type MountKernel = Pick<SupervisionKernel, "close" | "lend" | "openRead" | "read" | "readLink">;

/** The file systems that the names of one directory lead to. */
export class MountGroups {
  readonly #kernel: MountKernel;
  readonly #directoryFd: number;
  /** One for all looks: at rest a new one each time would be most of what is left to be collected. */
  readonly #chunk = new Uint8Array(CHUNK_SIZE);
  #mounts = "";
  #mountPoints: ReadonlySet<string> = new Set();
  #directory = "";
  /** What is known already, by name. */
  readonly #known = new Map<string, string>();
  /** Where links lead, by path; undefined for what is none. */
  readonly #links = new Map<string, string | undefined>();

  /** @param directoryFd the directory that holds the names */
  constructor(kernel: MountKernel, directoryFd: number) {
    this.#kernel = kernel;
    this.#directoryFd = directoryFd;
  }

  /**
   * Learns what is mounted now. To be called before each look at the names.
   *
   * @param haveNamesChanged whether one may lead elsewhere now
   * @returns whether a name may be in another group than before
   */
  refresh(haveNamesChanged: boolean): boolean {
    const mounts = this.#read(MOUNTS);
    if (mounts === this.#mounts && !haveNamesChanged) return false;
    this.#mounts = mounts;
    this.#mountPoints = new Set(mounts.split("\n").map(mountPointOf).filter((at) => at.length > 1));
    this.#directory = this.#pathOf(this.#directoryFd);
    this.#known.clear();
    this.#links.clear();
    return true;
  }

  /** The mount point below which a name leads, as far as that can be told. */
  groupOf(name: Bytes): string {
    const text = decode(name);
    let group = this.#known.get(text);
    if (group === undefined) {
      const target = this.#linkTarget(this.#directoryFd, name);
      const path = target?.startsWith("/") ? target : `${this.#directory}/${target ?? text}`;
      group = target === undefined
        ? this.#lastMountPoint(path)
        : this.#follow(path, this.#directory);
      this.#known.set(text, group);
    }
    return group;
  }

  /** The mount point below which a path leads from a directory, which answers. */
  mountOf(directoryFd: number, path: Bytes): string {
    const directory = this.#pathOf(directoryFd);
    const text = decode(path);
    return this.#follow(text.startsWith("/") ? text : `${directory}/${text}`, directory);
  }

  #pathOf(directoryFd: number): string {
    if (directoryFd === CWD) return this.#linkTarget(CWD, "/proc/self/cwd") ?? "";
    try {
      const linkOf = ([fd]: readonly number[]) => this.#linkTarget(CWD, `/proc/self/fd/${fd}`);
      return this.#kernel.lend([directoryFd], linkOf) ?? "";
    } catch (error) {
      ignoreSystemError(error);
      return "";
    }
  }

  /** @param from a directory that answers, and so do the file systems above it */
  #follow(path: string, from: string): string {
    let done = "";
    let left = path.split("/");
    for (let links = 0; left.length > 0 && links <= MOST_LINKS;) {
      const [first = "", ...rest] = left;
      left = rest;
      const here = step(done, first);
      const isElsewhere = this.#mountPoints.has(here) && !`${from}/`.startsWith(`${here}/`);
      if (isElsewhere) return this.#lastMountPoint([here, ...left].join("/"));
      const target = here === done ? undefined : this.#link(here);
      if (target !== undefined) {
        links++;
        left = [...target.split("/"), ...left];
      }
      if (target === undefined) done = here;
      else if (target.startsWith("/")) done = "";
    }
    return this.#lastMountPoint(done);
  }

  /** The mount point that a path without links is below. */
  #lastMountPoint(path: string): string {
    let here = path.split("/").reduce(step, "");
    while (here !== "" && !this.#mountPoints.has(here)) here = step(here, "..");
    return here || "/";
  }

  #link(path: string): string | undefined {
    if (!this.#links.has(path)) this.#links.set(path, this.#linkTarget(CWD, path));
    return this.#links.get(path);
  }

  #linkTarget(at: number, path: Path): string | undefined {
    try {
      return decode(this.#kernel.readLink(at, path));
    } catch (error) {
      ignoreSystemError(error);
      return undefined;
    }
  }

  #read(path: string): string {
    try {
      const fd = this.#kernel.openRead(CWD, path);
      try {
        const decoder = new TextDecoder();
        let text = "";
        for (let length = this.#kernel.read(fd, this.#chunk); length > 0;) {
          text += decoder.decode(this.#chunk.subarray(0, length), { stream: true });
          length = this.#kernel.read(fd, this.#chunk);
        }
        return text;
      } finally {
        this.#kernel.close(fd);
      }
    } catch (error) {
      // Without it all names are looked at together.
      ignoreSystemError(error);
      return "";
    }
  }
}

/** A path and one more component; the root is "". */
function step(path: string, component: string): string {
  if (component === "" || component === ".") return path;
  return component === ".." ? path.slice(0, path.lastIndexOf("/")) : `${path}/${component}`;
}

/** The fifth field, where blanks are octal. @see proc_pid_mountinfo(5) */
function mountPointOf(line: string): string {
  const field = line.split(" ")[4] ?? "";
  return field.replace(/\\(\d{3})/g, (_, octal) => String.fromCharCode(parseInt(octal, 8)));
}
