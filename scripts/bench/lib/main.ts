/**
 * Runs benchmarks and prints what they measured, in Markdown.
 *
 * usage: deno run --allow-all scripts/bench/lib/main.ts all | NAME [argument]...
 */

import { attempt, print, tell } from "./common.ts";
import { installedSuites, type Suite } from "./suites.ts";

/** A benchmark: a module beside this folder. */
interface Benchmark {
  /** What is measured, and how; stands above the tables. */
  readonly about: string;
  measure(suites: readonly Suite[], args: readonly string[]): Promise<void>;
}

const FOLDER = new URL("../", import.meta.url);

function names(): string[] {
  return [...Deno.readDirSync(FOLDER)].filter(({ isFile }) => isFile)
    .map(({ name }) => name.replace(/\.ts$/, "")).sort();
}

function text(command: string, ...args: string[]): string {
  try {
    const { stdout } = new Deno.Command(command, { args, stderr: "null" }).outputSync();
    return new TextDecoder().decode(stdout).trim();
  } catch {
    return "";
  }
}

/** What the figures depend on. */
function describeMachine(): string {
  const field = (file: string, name: string): string =>
    new RegExp(`^${name}\\s*[:=]\\s*"?([^"\\n]*)`, "m").exec(Deno.readTextFileSync(file))?.[1] ??
      "";
  const memoryGb = Number.parseInt(field("/proc/meminfo", "MemTotal")) / 1024 / 1024;
  const packages = ["daemontools", "runit", "s6", "supervisor"].map((name) =>
    text("dpkg-query", "-W", "-f=${Package} ${Version}", name)
  ).filter((line) => line !== "");
  return [
    new Date().toISOString().slice(0, 16).replace("T", " ") + " UTC",
    `${navigator.hardwareConcurrency} cores (${field("/proc/cpuinfo", "model name")})`,
    `${memoryGb.toFixed(0)} GB`,
    `Linux ${Deno.osRelease()}`,
    field("/etc/os-release", "PRETTY_NAME"),
    `load ${Deno.loadavg()[0]!.toFixed(1)} at the start`,
    `ours: ${text("build/daemontools", "--version")} (${
      text("git", "rev-parse", "--short", "HEAD")
    })`,
    ...packages,
  ].join(", ");
}

const [what = "all", ...args] = Deno.args;
const suites = installedSuites();
print(`${describeMachine()}\n`);
for (const name of what === "all" ? names() : [what]) {
  const { about, measure } = await import(new URL(`${name}.ts`, FOLDER).href) as Benchmark;
  print(`### ${name}\n\n${about}\n`);
  tell(`${name}:`);
  await attempt(name, () => measure(suites, args));
}
