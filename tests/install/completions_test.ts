/** Completions, asked for by running bash, zsh and fish. */

import { assert, assertEquals } from "@std/assert";
import { GUIDES } from "../../src/suite/guides.ts";
import { PROGRAMS } from "../../src/suite/registry.ts";
import { VERBS } from "../../src/suite/verbs.ts";
import { writeService } from "../support/service.ts";
import { tempDir } from "../support/temp.ts";
import { isReference, ROOT, run } from "../support/tools.ts";

const COMPLETIONS = `${ROOT}/scripts/install/completions`;
/** The executable is asked what it can do. */
const PATH = `${ROOT}/build:/usr/bin:/bin:/usr/sbin:/sbin`;
const BASH_SCRIPT = `source "$0"
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _daemontools
printf '%s\\n' "\${COMPREPLY[@]}"`;

/** Asks a shell to complete a line whose last word is unfinished; gives the candidates. */
type Complete = (line: string, services: string, cwd?: string) => Promise<string[]>;

const completeInBash: Complete = async (line, services, cwd = "/") => {
  const file = `${COMPLETIONS}/daemontools.bash`;
  const args = ["--norc", "-c", BASH_SCRIPT, file, ...line.split(" ")];
  const env = { DAEMONTOOLS_SERVICES: services, PATH };
  const { stdout } = await run("/bin/bash", args, { env, cwd });
  return stdout.split("\n");
};

/** Types a line and two tabs into an interactive bash, and gives what it lists. */
async function listInBash(line: string, services: string, cwd: string): Promise<string[]> {
  const script = 'bind "set show-all-if-ambiguous on"; source "$COMPLETIONS/daemontools.bash"';
  const typed = `printf '${script}\n${line}\t\t\nexit\n'`;
  const command = `${typed} | script -qec "bash --norc --noprofile -i" /dev/null`;
  const env = { DAEMONTOOLS_SERVICES: services, COMPLETIONS, PATH, TERM: "dumb" };
  const { stdout } = await run("/bin/sh", ["-c", command], { env, cwd });
  return stdout.split(/\s+/);
}

const completeInZsh: Complete = async (line, services, cwd = "/") => {
  const args = ["-f", `${ROOT}/tests/fixtures/complete.zsh`, COMPLETIONS, line];
  const env = { DAEMONTOOLS_SERVICES: services, PATH };
  const { stdout } = await run("/usr/bin/zsh", args, { env, cwd });
  // A list in columns, some with "-- description"; two blanks end a candidate.
  return stdout.split(/\r|\n|\s{2,}|\s+-- /);
};

const completeInFish: Complete = async (line, services, cwd = "/") => {
  const script = `source "$COMPLETIONS/daemontools.fish"; complete -C '${line}'`;
  await using home = await tempDir();
  const { stdout } = await run("/usr/bin/fish", ["--no-config", "-c", script], {
    env: { COMPLETIONS, DAEMONTOOLS_SERVICES: services, PATH, HOME: home.path },
    cwd,
  });
  return stdout.split("\n").map((candidate) => candidate.replace(/\t.*/, ""));
};

const SHELLS: readonly [string, Complete][] = [
  ["/bin/bash", completeInBash],
  ["/usr/bin/zsh", completeInZsh],
  ["/usr/bin/fish", completeInFish],
];

function assertAll(found: string[], wanted: readonly string[]): void {
  assertEquals(wanted.filter((word) => !found.includes(word)), [], found.join("|"));
}

for (const [shell, complete] of SHELLS) {
  const name = shell.replace(/.*\//, "");
  const ignore = isReference || !await Deno.stat(shell).then(() => true, () => false);

  Deno.test({
    name: `${name} completes tools, verbs and topics of daemontools`,
    ignore,
    fn: async () => {
      const tools = Object.keys(PROGRAMS);
      assertAll(await complete("daemontools ", ""), tools);
      assertAll(await complete("daemontools help sv", ""), ["svc", "svok", "svscan", "svstat"]);
      // The log host is not for people.
      const verbs = Object.keys(VERBS).filter((verb) => verb !== "log-host");
      assertAll(await complete("daemontools ", ""), verbs);
      assertAll(await complete("daemontools help ", ""), [...Object.keys(GUIDES), ...verbs]);
      const options = ["--prefix", "--root", "--service-dir", "--boot", "--no-boot", "--dry-run"];
      assertAll(await complete("daemontools install --", ""), options);
      assertAll(await complete("daemontools svc -", ""), ["-u", "-d"]);
    },
  });

  Deno.test({
    name: `${name} completes the options of svc, setlock, setuidgid, svscan and softlimit`,
    ignore,
    fn: async () => {
      assertAll(await complete("svc -", ""), [..."udopchaitkx"].map((letter) => `-${letter}`));
      assertAll(await complete("setlock -", ""), [..."nNxX"].map((letter) => `-${letter}`));
      assertAll(await complete("setuidgid -", ""), ["-s"]);
      const forScan = (await complete("svscan --", "")).map((option) => option.replace("=", ""));
      assertAll(forScan, ["--help", "--timeout-kill"]);
      const limits = await complete("softlimit -", "");
      assertAll(limits, [..."acdflmoprst"].map((letter) => `-${letter}`));
    },
  });

  Deno.test({
    name: `${name} completes services by their names`,
    ignore,
    fn: async () => {
      await using dir = await tempDir();
      await writeService(dir.join("web"), { logRun: "exec cat" });
      await writeService(dir.join("wiki"));
      const found = await complete("svc -t we", dir.path);
      assertAll(found, [dir.join("web"), dir.join("web/log")]);
      assert(!found.includes(dir.join("wiki")));
      assertAll(await complete("svstat w", dir.path), [dir.join("web"), dir.join("wiki")]);
      assertAll(await complete("daemontools svstat w", dir.path), [dir.join("wiki")]);
    },
  });

  Deno.test({
    name: `${name} lists services and loggers, and directories only for what is neither`,
    ignore,
    fn: async () => {
      await using dir = await tempDir();
      await writeService(dir.join("services/web"), { logRun: "exec cat" });
      await writeService(dir.join("services/wiki"), { logRun: "exec cat" });
      await Deno.mkdir(dir.join("cwd/weird"), { recursive: true });
      const ask = (line: string): Promise<string[]> =>
        complete(line, dir.join("services"), dir.join("cwd"));
      const isDirectory = (word: string): boolean => word.replace(/\/$/, "") === "weird";
      const names = ["web", "web/log", "wiki", "wiki/log"];
      const services = names.map((name) => dir.join(`services/${name}`));
      const all = await ask("svstat ");
      assertAll(all, services);
      assert(!all.some(isDirectory), all.join("|"));
      assert(!(await ask("svstat we")).some(isDirectory));
      assertAll(await ask(`svstat ${dir.join("services/w")}`), services);
      // It is the only one, so a shell may put it into the line at once.
      assert((await ask("svstat wei")).join(" ").includes("weird"));
    },
  });

  Deno.test({
    name: `${name} completes services by name, and options, for subcommands about services`,
    ignore,
    fn: async () => {
      await using dir = await tempDir();
      await writeService(dir.join("usual/web"), { logRun: "exec cat" });
      await writeService(dir.join("usual/wiki"));
      await writeService(dir.join("other/api"));
      await writeService(dir.join("other/app"));
      const ask = (line: string): Promise<string[]> =>
        complete(`daemontools ${line}`, dir.join("usual"), dir.join("other"));
      const names = await ask("status ");
      assertAll(names, ["web", "web/log", "wiki"]);
      assert(!names.includes("api"));
      assertAll(await ask(`status -C ${dir.join("other")} `), ["api", "app"]);
      assertAll(await ask("status -"), ["-C", "--directory", "--help", "--json"]);
    },
  });

  Deno.test({
    name: `${name} completes accounts for setuidgid, and then programs`,
    ignore,
    fn: async () => {
      assertAll(await complete("setuidgid n", ""), ["nobody"]);
      // Two that exist everywhere, so that there is something to list.
      assertAll(await complete("setuidgid nobody mk", ""), ["mkdir", "mkfifo"]);
    },
  });
}

Deno.test({
  name: "bash lists each logger with its service when a tab is typed twice",
  ignore: isReference || !await Deno.stat("/usr/bin/script").then(() => true, () => false),
  fn: async () => {
    await using dir = await tempDir();
    await writeService(dir.join("services/web"), { logRun: "exec cat" });
    await writeService(dir.join("services/wiki"), { logRun: "exec cat" });
    await Deno.mkdir(dir.join("cwd/weird"), { recursive: true });
    const listed = await listInBash("svstat ", dir.join("services"), dir.join("cwd"));
    assertAll(listed, ["web/log", "wiki/log"].map((to) => dir.join(`services/${to}`)));
    assertEquals(listed.filter((word) => ["log/", "weird/"].includes(word)), []);
  },
});
