/** Putting a service directory under supervision: a link in the services' directory. */

import { encode } from "../base/bytes.ts";
import { EXIT_OK } from "../base/exit_codes.ts";
import { ERRNO, errnoText } from "../base/errno.ts";
import { errnoOf } from "../base/system_error.ts";
import { CWD } from "../base/kernel_constants.ts";
import { type Goal, UpGoal } from "../observation/goal.ts";
import { isDirectory, type Observation, type ServicePlace } from "../observation/observe.ts";
import { saysReady } from "../observation/readiness_files.ts";
import { createHost } from "../reactor/host.ts";
import { complain, type Context, print } from "../system/context.ts";
import { attend } from "./attending.ts";
import { EXIT_NOT_DONE } from "./changing.ts";
import { fileErrorText } from "./file_error.ts";
import { lastWords } from "./last_words.ts";
import { absolutePath, placeOf } from "./services.ts";

/** The problem of all links that this user may not make, which is told once. */
const NO_RIGHT = "no right";

/** How to add. */
export interface AddOptions {
  /** The services' directory. */
  readonly directory: string;
  /** When to give up, in seconds. */
  readonly timeoutSeconds: number;
  /** Whether only to link. */
  readonly noWait: boolean;
}

/**
 * Links service directories into the services' directory, and waits until they are up.
 *
 * @returns 0, or 1 when something went wrong, which has been said
 */
export async function addServices(
  context: Context,
  paths: readonly string[],
  options: AddOptions,
): Promise<number> {
  const { kernel, program } = context;
  const fail = (text: string): void => {
    failed = true;
    complain(kernel, encode(text));
  };
  let failed = false;
  const forbidden: string[] = [];
  const asked = kernel.now();
  const attended: { place: ServicePlace; goal: Goal }[] = [];
  for (const path of paths) {
    const source = absolutePath(path);
    const name = source.slice(source.lastIndexOf("/") + 1);
    const link = `${options.directory}/${name}`;
    const problem = problemWith(context, source, name, options.directory) ?? makeLink(source, link);
    if (problem === NO_RIGHT) forbidden.push(link);
    else if (problem !== undefined) {
      fail(`${program}: ${path}: ${problem}\n`);
    }
    if (problem !== undefined) continue;
    print(context, `${name}: linked as ${link}\n`);
    const place = placeOf(name, link);
    attended.push({ place, goal: new AddedGoal(context, place, asked) });
  }
  if (forbidden.length > 0) {
    fail(`${program}: no right to make ${forbidden.join(", ")}: ask as root\n`);
  }
  if (options.noWait) return failed ? EXIT_NOT_DONE : EXIT_OK;
  const notUp: { place: ServicePlace; text: string }[] = [];
  await attend(createHost(context), attended, {
    timeoutSeconds: options.timeoutSeconds,
    onDone(place, { reached, text }) {
      if (reached) print(context, `${place.name}: ${text}\n`);
      else notUp.push({ place, text });
    },
  });
  for (const { place, text } of notUp) {
    fail(`${place.name}: ${text}${await lastWords(context, place, asked)}\n`);
  }
  return failed ? EXIT_NOT_DONE : EXIT_OK;
}

/** Up; or, with a file `down`, only supervised. */
class AddedGoal implements Goal {
  readonly #up: UpGoal;

  constructor(
    { kernel }: Context,
    place: ServicePlace,
    asked: ReturnType<Context["kernel"]["now"]>,
  ) {
    this.#up = new UpGoal({ asked, comes: true, saysReady: saysReady(kernel, place.path) });
  }

  judge(observation: Observation, now: Parameters<Goal["judge"]>[1]): ReturnType<Goal["judge"]> {
    const { want, normallyUp } = observation;
    if (want === "down" && normallyUp === false) {
      return { reached: true, text: "supervised; down, because there is a file down" };
    }
    return this.#up.judge(observation, now);
  }

  giveUp(observation: Observation): string {
    if (observation.state !== "not supervised") return this.#up.giveUp(observation);
    return "not supervised yet: does svscan run on this directory?";
  }
}

function problemWith(
  { kernel }: Context,
  source: string,
  name: string,
  directory: string,
): string | undefined {
  if (!isDirectory(kernel, source)) return "there is no such directory";
  if (!isDirectory(kernel, directory)) return `there is no services' directory ${directory}`;
  if (name === "" || name.startsWith(".")) return "svscan passes over names that begin with a dot";
  for (const run of ["run", ...isDirectory(kernel, `${source}/log`) ? ["log/run"] : []]) {
    try {
      const { kind, permissions } = kernel.stat(CWD, `${source}/${run}`);
      if (kind !== "file" || (permissions & 0o111) === 0) return `its ${run} is not executable`;
    } catch (error) {
      const errno = errnoOf(error);
      if (errno === ERRNO.ENOENT) return `it has no ${run}`;
      return `unable to look at its ${run}: ${errnoText(errno)}`;
    }
  }
  return undefined;
}

function makeLink(source: string, link: string): string | undefined {
  try {
    Deno.symlinkSync(source, link);
    return undefined;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) {
      return `${link} is there already`;
    }
    if (error instanceof Deno.errors.PermissionDenied) {
      return NO_RIGHT;
    }
    if (error instanceof Error) return `unable to make ${link}: ${fileErrorText(error)}`;
    throw error;
  }
}
