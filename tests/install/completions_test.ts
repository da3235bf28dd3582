/** Completions, asked for by running bash, zsh and fish. */

import { assert, assertEquals } from "@std/assert";
import { PROGRAMS } from "../../src/suite/registry.ts";
import { writeService } from "../support/service.ts";
import { tempDir } from "../support/temp.ts";
import { isReference, ROOT, run } from "../support/tools.ts";

const COMPLETIONS = `${ROOT}/scripts/install/completions`;
const BASH_SCRIPT = `source "$0"
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _daemontools
printf '%s\\n' "\${COMPREPLY[@]}"`;

/** Asks a shell to complete a line whose last word is unfinished; gives the candidates. */
type Complete = (line: string, services: string) => Promise<string[]>;

const completeInBash: Complete = async (line, services) => {
  const file = `${COMPLETIONS}/daemontools.bash`;
  const args = ["--norc", "-c", BASH_SCRIPT, file, ...line.split(" ")];
  const { stdout } = await run("/bin/bash", args, { env: { DAEMONTOOLS_SERVICES: services } });
  return stdout.split("\n");
};

const completeInZsh: Complete = async (line, services) => {
  const args = ["-f", `${ROOT}/tests/fixtures/complete.zsh`, COMPLETIONS, line];
  const { stdout } = await run("/usr/bin/zsh", args, { env: { DAEMONTOOLS_SERVICES: services } });
  // A list in columns, some with "-- description"; two blanks end a candidate.
  return stdout.split(/\r|\n|\s{2,}|\s+-- /);
};

const completeInFish: Complete = async (line, services) => {
  const script = `source ${COMPLETIONS}/daemontools.fish; complete -C '${line}'`;
  await using home = await tempDir();
  const { stdout } = await run("/usr/bin/fish", ["--no-config", "-c", script], {
    env: { DAEMONTOOLS_SERVICES: services, HOME: home.path },
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
      assertAll(await complete("daemontools ", ""), [...tools, "help", "install", "uninstall"]);
      assertAll(await complete("daemontools help sv", ""), ["svc", "svok", "svscan", "svstat"]);
      const options = ["--prefix", "--root", "--service-dir", "--boot", "--no-boot", "--dry-run"];
      assertAll(await complete("daemontools install --", ""), options);
      assertAll(await complete("daemontools svc -", ""), ["-u", "-d"]);
    },
  });

  Deno.test({
    name: `${name} completes the options of svc, setlock and softlimit`,
    ignore,
    fn: async () => {
      assertAll(await complete("svc -", ""), [..."udopchaitkx"].map((letter) => `-${letter}`));
      assertAll(await complete("setlock -", ""), [..."nNxX"].map((letter) => `-${letter}`));
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
    name: `${name} completes accounts for setuidgid, and then programs`,
    ignore,
    fn: async () => {
      assertAll(await complete("setuidgid n", ""), ["nobody"]);
      // Two that exist everywhere, so that there is something to list.
      assertAll(await complete("setuidgid nobody mk", ""), ["mkdir", "mkfifo"]);
    },
  });
}
