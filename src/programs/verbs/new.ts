/** daemontools new: write a service directory, as the tutorial teaches it. */

import { ensureDirSync } from "@std/fs/ensure-dir";
import { quoteWord } from "../../base/shell_word.ts";
import { encode } from "../../base/bytes.ts";
import { EXIT_FAILURE, EXIT_OK } from "../../base/exit_codes.ts";
import { ProgramEnd } from "../../base/messages.ts";
import { addServices } from "../../console/adding.ts";
import { type CommandLine, readCommandLine, wrongCall } from "../../console/command_line.ts";
import { envFile, runScript } from "../../console/run_script.ts";
import { fileErrorText } from "../../console/file_error.ts";
import { absolutePath, Services } from "../../console/services.ts";
import { type Context, print } from "../../system/context.ts";
import type { Account } from "../../system/kernel.ts";

const LOGGER = ["multilog", "t", "s1000000", "n10", "./main"];
const TIMEOUT_SECONDS = 10;
const HELP = `Writes the directory NAME, which must not exist yet.

      --user ACCOUNT       the account that it runs as
      --log-user ACCOUNT   the account that its logger runs as
      --env NAME=VALUE     a variable of its environment; may be given again
      --no-log             no logger
      --dir DIR            where to write it: DIR/NAME, instead of ./NAME
      --link               put it under supervision, and wait until it is up
`;

/** One file or directory to write. */
interface Part {
  readonly name: string;
  /** Undefined for a directory. */
  readonly text?: string;
  readonly mode: number;
  readonly owner?: Account | undefined;
}

/** Writes a service directory, whole or not at all. */
export async function run(context: Context): Promise<number> {
  const line = readCommandLine(context, {
    flags: ["no-log", "link"],
    valued: ["user", "log-user", "env", "dir"],
    help: HELP,
  });
  const [name, ...excess] = line.names;
  const command = line.rest ?? [];
  if (name === undefined) wrongCall(context, "no NAME is given");
  if (excess.length > 0) wrongCall(context, `${excess[0]}: the command stands behind --`);
  if (!/^[^./][^/]*$/.test(name)) wrongCall(context, `${name}: that is no name for a service`);
  if (command.length === 0) wrongCall(context, "no COMMAND is given behind --");
  if (command[0]!.startsWith("-")) wrongCall(context, `${command[0]}: that is no command`);
  const path = `${absolutePath(line.value("dir") ?? ".")}/${name}`;
  const parts = planParts(context, line, command);
  write(context, path, parts);
  print(context, parts.map((part) => `wrote ${path}/${part.name}\n`).join(""));
  const { first } = new Services(context, line);
  if (!line.flag("link")) {
    print(context, `next: daemontools add ${quoteWord(path)}\n`);
    return EXIT_OK;
  }
  return await addServices(context, [path], {
    directory: first,
    timeoutSeconds: TIMEOUT_SECONDS,
    noWait: false,
  });
}

function planParts(context: Context, line: CommandLine, command: readonly string[]): Part[] {
  const user = line.value("user");
  const logUser = line.value("log-user");
  if (user !== undefined) accountOf(context, user);
  const owner = logUser === undefined ? undefined : accountOf(context, logUser);
  const hasLog = !line.flag("no-log");
  if (!hasLog && logUser !== undefined) {
    wrongCall(context, "--log-user and --no-log exclude each other");
  }
  const environment = line.values("env").map((each) => variablePart(context, each));
  const hasEnvironment = environment.length > 0;
  const run = runScript({ command, user, hasEnvironment, joinsErrors: hasLog });
  const parts: Part[] = [{ name: "run", text: run, mode: 0o755 }];
  if (hasEnvironment) parts.push({ name: "env", mode: 0o755 }, ...environment);
  if (!hasLog) return parts;
  const log = runScript({ command: LOGGER, user: logUser });
  return [
    ...parts,
    { name: "log", mode: 0o755 },
    { name: "log/run", text: log, mode: 0o755 },
    { name: "log/main", mode: 0o755, owner },
  ];
}

function accountOf({ kernel, program }: Context, name: string): Account {
  const account = kernel.findAccount(encode(name));
  if (account !== null) return account;
  throw new ProgramEnd(EXIT_FAILURE, encode(`${program}: there is no account ${name}\n`));
}

function variablePart(context: Context, assignment: string): Part {
  const [, name, value = ""] = /^([^=/.][^=/]*)=([^]*)$/.exec(assignment) ?? [];
  if (name === undefined) wrongCall(context, `--env ${assignment}: NAME=VALUE is wanted`);
  const text = envFile(value);
  if (text === undefined) {
    wrongCall(context, `--env ${name}: envdir knows no values with a blank at their end`);
  }
  // It may be a password.
  return { name: `env/${name}`, text, mode: 0o600 };
}

/** Writes beside, and renames: what is there is never replaced, and nothing is left half done. */
function write({ program }: Context, path: string, parts: readonly Part[]): void {
  const beside = path.replace(/[^/]*$/, (name) => `.${name}.${Deno.pid}`);
  try {
    if (isThere(path)) throw new Error("it is there already");
    ensureDirSync(path.slice(0, path.lastIndexOf("/")) || "/");
    Deno.mkdirSync(beside, { mode: 0o755 });
    for (const { name, text, mode, owner } of parts) {
      const file = `${beside}/${name}`;
      if (text === undefined) Deno.mkdirSync(file);
      else Deno.writeTextFileSync(file, text, { createNew: true });
      Deno.chmodSync(file, mode);
      if (owner !== undefined) Deno.chownSync(file, owner.uid, owner.gid);
    }
    Deno.chmodSync(beside, 0o755);
    Deno.renameSync(beside, path);
  } catch (error) {
    if (isThere(beside)) Deno.removeSync(beside, { recursive: true });
    if (!(error instanceof Error)) throw error;
    throw new ProgramEnd(
      EXIT_FAILURE,
      encode(`${program}: unable to write ${path}: ${fileErrorText(error)}\n`),
    );
  }
}

function isThere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
