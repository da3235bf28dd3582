/** What the tests of hosted logs share: services whose logs are hosted, and what is in the logs. */

import { assertEquals } from "@std/assert";
import { existsSync } from "@std/fs/exists";
import { commandLineOf } from "./processes.ts";
import { readServiceStatus, writeService } from "./service.ts";
import { namesIn, type TempDir } from "./temp.ts";
import { isReference } from "./tools.ts";
import { waitFor } from "./wait.ts";

/** A logger that is hosted. */
export const PLAIN = "exec multilog t ./main";
/** How long thousands of lines may take on a busy machine, in milliseconds. */
export const PATIENCE_MS = 60_000;

/** A service that writes numbered lines with its name and then stays. */
export function writer(name: string, count: number, pauseMs = 0): string {
  // Starting sleep takes a moment, too.
  const wait = pauseMs === 0 ? "" : `[ $((i % 10)) -ne 0 ] || sleep ${pauseMs / 100};`;
  return `i=0; while [ $i -lt ${count} ]; do i=$((i + 1)); echo "${name} $i"; ${wait} done
exec sleep 1000000`;
}

/** All lines of a log, old files first, without labels. */
export function linesOf(log: string): string[] {
  if (!existsSync(`${log}/current`)) return [];
  const names = [...namesIn(log).filter((name) => name.startsWith("@")), "current"];
  const text = names.map((name) => Deno.readTextFileSync(`${log}/${name}`)).join("");
  return text.split("\n").slice(0, -1).map((line) => line.replace(/^@[0-9a-f]{24} /, ""));
}

/** Waits until a log has the lines of a writer, each once and in order. */
export async function waitForLines(log: string, name: string, count: number): Promise<void> {
  await waitFor(() => linesOf(log).length >= count, {
    what: `${count} lines of ${name}`,
    timeoutMs: PATIENCE_MS,
    explain: () => `${linesOf(log).length} lines`,
  });
  assertEquals(linesOf(log), Array.from({ length: count }, (_, index) => `${name} ${index + 1}`));
}

/** The process that a logger is shown with. */
export async function pidOf(logger: string): Promise<number> {
  return (await readServiceStatus(logger)).pid;
}

/** Whether a process is a log host. */
export function isHost(pid: number): boolean {
  return commandLineOf(pid)[1] === "log-host";
}

/** A directory of services, each with a logger. */
export async function writeServices(
  dir: TempDir,
  services: Record<string, { run?: string; logRun?: string; files?: Record<string, string> }>,
): Promise<string> {
  for (const [name, { logRun = PLAIN, ...files }] of Object.entries(services)) {
    await writeService(dir.join(`sd/${name}`), { logRun, ...files });
  }
  return dir.join("sd");
}

/** Runs where ours is tested: others host no logs. */
export function hostTest(name: string, fn: () => Promise<void>): void {
  Deno.test({ name, fn, ignore: isReference });
}
