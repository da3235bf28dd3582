/**
 * daemontools: what the executable does when it is called by its own name and no tool is named:
 * lists, manual pages, and installing itself. The manual pages and the scripts are the files of
 * `scripts/`, which the executable carries.
 */

import { type Bytes, decode, encode } from "../base/bytes.ts";
import { EXIT_FAILURE, EXIT_OK, EXIT_USAGE } from "../base/exit_codes.ts";
import { renderManual } from "../base/manual.ts";
import { errnoOf } from "../base/system_error.ts";
import { VERSION } from "../base/version.ts";
import { type Context, writeFully } from "../system/context.ts";
import { PROGRAMS, SUITE_NAME } from "./registry.ts";

const SCRIPTS = new URL("../../scripts/", import.meta.url);
const PLAIN_WIDTH = 80;
const WIDEST = 100;
/** From this exit code on, a shell has not run its command. */
const COMMAND_NOT_RUN = 126;

/** Does what the first argument says. Exit code 100 if it is nothing that we know. */
export async function run({ kernel, args }: Context): Promise<number> {
  const [verb = "", topic, ...excess] = args.map((word) => decode(word));
  const print = (fd: number, text: string): void => {
    try {
      writeFully(kernel, fd, encode(text));
    } catch (error) {
      // A reader that has seen enough is no failure.
      errnoOf(error);
    }
  };
  if (verb === "install" || verb === "uninstall") return await runScript(verb, args.slice(1));
  const answer = excess.length === 0 ? describe(verb, topic) : undefined;
  if (verb === "help" && answer !== undefined && await showInPager(answer)) return EXIT_OK;
  print(answer === undefined ? 2 : 1, answer ?? overview());
  return answer === undefined ? EXIT_USAGE : EXIT_OK;
}

function describe(verb: string, topic: string | undefined): string | undefined {
  if (verb === "help" && topic !== undefined) {
    return Object.hasOwn(PROGRAMS, topic) || topic === SUITE_NAME ? manualOf(topic) : undefined;
  }
  if (topic !== undefined) return undefined;
  if (verb === "--version") return `${SUITE_NAME} ${VERSION}\n`;
  if (verb === "--list") return programList();
  return verb === "help" || verb === "--help" ? overview() : undefined;
}

function programList(): string {
  const rows = Object.entries(PROGRAMS);
  return rows.map(([name, { summary }]) => `${name.padEnd(14)}${summary}\n`).join("");
}

function overview(): string {
  return `usage: ${SUITE_NAME} TOOL [ argument ... ], or TOOL by a link of its name\n` +
    `       ${SUITE_NAME} help [ TOOL ] | install [ option ... ] | uninstall [ option ... ]\n` +
    `       ${SUITE_NAME} --list | --version\n\n${programList()}`;
}

function manualOf(topic: string): string {
  const source = Deno.readTextFileSync(new URL(`install/man/${topic}.8`, SCRIPTS));
  const styled = Deno.stdout.isTerminal();
  const width = styled ? Math.min(Deno.consoleSize().columns, WIDEST) : PLAIN_WIDTH;
  return renderManual(source, { width, styled });
}

/**
 * Shows a text in the user's pager, if that is a terminal and there is one.
 *
 * @returns whether it was shown
 */
async function showInPager(text: string): Promise<boolean> {
  if (!Deno.stdout.isTerminal()) return false;
  const pager = new Deno.Command("/bin/sh", {
    args: ["-c", "exec ${PAGER:-less}"],
    // Colours as they are; none of it when the text fits the screen.
    env: { LESS: Deno.env.get("LESS") ?? "FRX" },
    stdin: "piped",
    stderr: "null",
  }).spawn();
  // It may be left before it has read all.
  const feeding = new Blob([text]).stream().pipeTo(pager.stdin).catch(() => {});
  const { code } = await heedingNoSignals(() => pager.status);
  await feeding;
  return code < COMMAND_NOT_RUN;
}

/** Lets an interrupt, which a child at the same terminal gets too, end only the child. */
async function heedingNoSignals<T>(action: () => Promise<T>): Promise<T> {
  const stay = (): void => {};
  for (const name of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(name, stay);
  try {
    return await action();
  } finally {
    for (const name of ["SIGINT", "SIGTERM"] as const) Deno.removeSignalListener(name, stay);
  }
}

/** Writes what the executable carries of `scripts/` to a directory of its own and runs a script. */
async function runScript(name: "install" | "uninstall", args: readonly Bytes[]): Promise<number> {
  const directory = Deno.makeTempDirSync({ prefix: "daemontools-" });
  try {
    for (const part of ["install.sh", "uninstall.sh", "install"]) unpack(part, directory);
    const command = new Deno.Command("/bin/sh", {
      args: [`${directory}/${name}.sh`, ...args.map((word) => decode(word))],
      env: { DAEMONTOOLS_EXECUTABLE: `/proc/${Deno.pid}/exe` },
      stdin: "inherit",
      stdout: "inherit",
      stderr: "inherit",
    });
    // What is unpacked must be removed, whatever ends the script.
    const { code } = await heedingNoSignals(() => command.spawn().status);
    return Math.min(code, EXIT_FAILURE);
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
}

function unpack(name: string, directory: string): void {
  const source = new URL(name, SCRIPTS);
  if (!Deno.statSync(source).isDirectory) {
    return Deno.writeFileSync(`${directory}/${name}`, Deno.readFileSync(source));
  }
  Deno.mkdirSync(`${directory}/${name}`);
  for (const entry of Deno.readDirSync(source)) unpack(`${name}/${entry.name}`, directory);
}
