/** Comparing what a program sees at the end of a chain of ours, and of the C tools. */

import { existsSync } from "@std/fs/exists";
import { ROOT, run, type RunResult, TOOLS_DIR } from "./tools.ts";
import { type TempDir, tempDir } from "./temp.ts";

const FIXTURES = `${ROOT}/tests/fixtures`;
const PERL = "/usr/bin/perl";

/** Where the C tools are. */
export const REFERENCE_DIR = Deno.env.get("DAEMONTOOLS_TEST_TOOLS") || "/usr/bin";

/** Whether there are C tools, and what starts and looks at programs. */
export const canCompare = existsSync(`${REFERENCE_DIR}/setuidgid`) && existsSync(PERL);

/** Whether tests that change the user can run. */
export const isRoot = Deno.uid() === 0;

/** Whether other users may enter every directory on the way to our tools. */
export const othersReachTools: boolean = isRoot && TOOLS_DIR.split("/").every((_, index, names) => {
  const { mode } = Deno.statSync(names.slice(0, index + 1).join("/") || "/");
  return ((mode ?? 0) & 0o001) !== 0;
});

/** How a chain is to be run. */
export interface Launch {
  /**
   * The programs before the probe, with their arguments, each tool by its name. The directory
   * `e` in the working directory is there for envdir.
   */
  readonly chain: readonly string[];
  /** Perl code that brings about the state to start in; see tests/fixtures/launch.pl. */
  readonly setup?: string;
  /** The environment, entry by entry. `@PATH@` in it stands for the tools and the system's. */
  readonly environment?: readonly (string | Uint8Array)[];
  /** Arguments of the probe. */
  readonly args?: readonly string[];
  /** Files in `e`. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
}

/** What came of it. */
export interface Launched extends Pick<RunResult, "code" | "stdout" | "stderr"> {
  /** What the probe saw, with the names of the tools' directories taken out. */
  readonly probe: string;
}

/** A place to run one chain with the tools under test and with the reference. */
export class Comparison implements AsyncDisposable {
  readonly #dir: TempDir;

  private constructor(dir: TempDir) {
    this.#dir = dir;
  }

  /** Makes the place. */
  static async open(): Promise<Comparison> {
    const dir = await tempDir();
    // The probe may run as another user.
    await Deno.chmod(dir.path, 0o777);
    await Deno.symlink(TOOLS_DIR, dir.join("OURS"));
    await Deno.symlink(REFERENCE_DIR, dir.join("THEM"));
    await Deno.mkdir(dir.join("e"));
    for (const name of ["probe.pl", "launch.pl"]) {
      await Deno.copyFile(`${FIXTURES}/${name}`, dir.join(name));
    }
    await Deno.writeTextFile(dir.join("in"), "input\n");
    return new Comparison(dir);
  }

  /** The directory in which chains run. */
  get path(): string {
    return this.#dir.path;
  }

  /** Runs a chain with our tools. */
  async ours(launch: Launch): Promise<Launched> {
    return await this.#launch("OURS", launch);
  }

  /** Runs a chain with the C tools. */
  async theirs(launch: Launch): Promise<Launched> {
    return await this.#launch("THEM", launch);
  }

  async #launch(tools: string, launch: Launch): Promise<Launched> {
    const { chain, setup = "", environment = ["PATH=@PATH@", "A=b"], args = [] } = launch;
    const path = `${this.path}/${tools}:/usr/bin:/bin`;
    for (const [name, contents] of Object.entries(launch.files ?? {})) {
      const bytes = typeof contents === "string" ? new TextEncoder().encode(contents) : contents;
      await Deno.writeFile(this.#dir.join(`e/${name}`), bytes);
    }
    const entries = environment.map((entry) => {
      const bytes = typeof entry === "string"
        ? new TextEncoder().encode(entry.replace("@PATH@", path))
        : entry;
      return Uint8Array.of(...bytes, 0);
    });
    await Deno.writeFile(this.#dir.join("environment"), await bytesOf(entries));
    const [first = PERL, ...rest] = [...chain, PERL, "probe.pl", ...args, "out"];
    const program = first.includes("/") ? first : `${this.path}/${tools}/${first}`;
    const setupArgs = ["launch.pl", setup, "environment", program, ...rest];
    const { code, stdout, stderr } = await run(PERL, setupArgs, { cwd: this.path });
    const out = this.#dir.join("out");
    const probe = await readAndRemove(out);
    return {
      code,
      stdout,
      stderr: stderr.replaceAll(`/${tools}`, "/TOOLS"),
      probe: probe.replaceAll(`/${tools}`, "/TOOLS"),
    };
  }

  /** Removes the place. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#dir[Symbol.asyncDispose]();
  }
}

async function bytesOf(pieces: readonly Uint8Array[]): Promise<Uint8Array> {
  return new Uint8Array(await new Blob(pieces as Uint8Array<ArrayBuffer>[]).arrayBuffer());
}

/** As Latin-1, so that every byte shows. */
async function readAndRemove(path: string): Promise<string> {
  try {
    const bytes = await Deno.readFile(path);
    await Deno.remove(path);
    return Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  }
}
