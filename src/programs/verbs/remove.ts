/**
 * daemontools remove: take services out of supervision, in the right order: out of sight first, so
 * that svscan does not start them again; then the service, and its logger when it has read what the
 * service wrote; then the link.
 */

import { encode } from "../../base/bytes.ts";
import { EXIT_OK } from "../../base/exit_codes.ts";
import { SystemError } from "../../base/system_error.ts";
import { attend } from "../../console/attending.ts";
import { EXIT_NOT_DONE } from "../../console/changing.ts";
import { readCommandLine, wrongCall } from "../../console/command_line.ts";
import { fileErrorText } from "../../console/file_error.ts";
import { placeOf, Services } from "../../console/services.ts";
import { sendLetters } from "../../observation/control.ts";
import type { Goal } from "../../observation/goal.ts";
import {
  isDirectory,
  loggerOf,
  type Observation,
  observeOne,
  type ServicePlace,
} from "../../observation/observe.ts";
import { createHost, type Host } from "../../reactor/host.ts";
import { complain, type Context, print } from "../../system/context.ts";

const TIMEOUT_SECONDS = 10;
/** The problem of all that this user may not rename, which is told once. */
const NO_RIGHT = "no right to rename it";
const HELP = `The service's directory itself is left; it is said where.

  -t, --timeout S      wait at most S seconds for each to end (10 unless given)
`;

/** Removes services. */
export async function run(context: Context): Promise<number> {
  const line = readCommandLine(context, {
    valued: ["timeout"],
    letters: { t: "timeout" },
    help: HELP,
  });
  if (line.names.length === 0) wrongCall(context, "no service is named");
  const services = new Services(context, line);
  const { places, unknown } = services.find(line.names);
  for (const each of unknown) complain(context.kernel, encode(`${context.program}: ${each}\n`));
  const timeoutSeconds = line.number("timeout") ?? TIMEOUT_SECONDS;
  const host = createHost(context);
  let done = unknown.length === 0;
  const forbidden: string[] = [];
  for (const place of places) {
    const problem = await remove(context, host, services, place, timeoutSeconds);
    if (problem === undefined) continue;
    done = false;
    if (problem === NO_RIGHT) {
      forbidden.push(place.name);
      continue;
    }
    complain(context.kernel, encode(`${place.name}: ${problem}\n`));
  }
  if (forbidden.length > 0) {
    const names = forbidden.join(", ");
    complain(
      context.kernel,
      encode(`${context.program}: no right to remove ${names}: ask as root\n`),
    );
  }
  return done ? EXIT_OK : EXIT_NOT_DONE;
}

/** Removes one service; tells what went wrong. */
async function remove(
  context: Context,
  host: Host,
  services: Services,
  place: ServicePlace,
  timeoutSeconds: number,
): Promise<string | undefined> {
  const parent = place.path.slice(0, place.path.lastIndexOf("/"));
  const base = place.path.slice(place.path.lastIndexOf("/") + 1);
  if (!services.directories.includes(parent)) return `it is not in ${services.where}`;
  const hidden = base.startsWith(".") ? place.path : `${parent}/.${base}`;
  try {
    if (hidden !== place.path) hide(place.path, hidden);
    const left = placeOf(place.name, hidden);
    for (const each of [left, loggerOf(left)]) {
      if (!isDirectory(context.kernel, each.path)) continue;
      const problem = await end(host, each, timeoutSeconds);
      if (problem !== undefined) return `${problem}; it is out of sight, as ${hidden}`;
    }
    print(context, `${place.name}: removed${whatIsLeft(hidden)}\n`);
    return undefined;
  } catch (error) {
    if (error instanceof Deno.errors.PermissionDenied) return NO_RIGHT;
    if (error instanceof Error) return fileErrorText(error);
    throw error;
  }
}

function hide(path: string, hidden: string): void {
  let isInTheWay = true;
  try {
    Deno.lstatSync(hidden);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    isInTheWay = false;
  }
  if (isInTheWay) throw new Error(`${hidden} is in the way: see what it is, and remove it`);
  Deno.renameSync(path, hidden);
}

/** Has a supervisor end, with its process; tells why it did not. */
async function end(host: Host, place: ServicePlace, timeoutSeconds: number) {
  let problem: string | undefined;
  const goal: Goal = {
    judge: ({ state }) =>
      state === "not supervised" || state === "unknown" ? { reached: true, text: "" } : Infinity,
    giveUp: ({ pid, state }) =>
      pid === undefined ? `its supervisor does not end` : `still ${state} (pid ${pid})`,
  };
  const begin = (): void => {
    const seen: Observation = observeOne(host.kernel, place);
    if (seen.state === "not supervised") return;
    sendLetters(host.kernel, place, "dx");
  };
  try {
    await attend(host, [{ place, goal, begin }], {
      timeoutSeconds,
      onDone: (_, verdict) => {
        if (!verdict.reached) problem = `${place.name}: ${verdict.text}`;
      },
    });
  } catch (error) {
    if (error instanceof SystemError) return `unable to end ${place.name}: ${error.message}`;
    throw error;
  }
  return problem;
}

/** Where a link leads: an absolute path, if it leads anywhere. */
function targetOf(link: string): string {
  const target = Deno.readLinkSync(link);
  if (target.startsWith("/")) return target;
  try {
    return Deno.realPathSync(link);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return target;
    throw error;
  }
}

/** Removes a link; says where the directory is. */
function whatIsLeft(hidden: string): string {
  if (!Deno.lstatSync(hidden).isSymlink) return `; its directory is left, as ${hidden}`;
  const target = targetOf(hidden);
  Deno.removeSync(hidden);
  return `; its directory is left, ${target}`;
}
