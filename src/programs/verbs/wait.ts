/** daemontools wait: wait until services are up, ready, down or finished; with s6-svwait's exit codes. */

import { encode } from "../../base/bytes.ts";
import { EXIT_FAILURE, EXIT_OK } from "../../base/exit_codes.ts";
import { attend, type Attended } from "../../console/attending.ts";
import { readCommandLine, wrongCall } from "../../console/command_line.ts";
import { Services } from "../../console/services.ts";
import { isForbidden } from "../../console/rights.ts";
import { type Condition, CONDITIONS, type Goal, holds } from "../../observation/goal.ts";
import { happened } from "../../observation/happened.ts";
import { type Observation, observe } from "../../observation/observe.ts";
import { createHost } from "../../reactor/host.ts";
import { complain, type Context } from "../../system/context.ts";

/** Time was up. */
const EXIT_TIME_UP = 99;
/** A supervisor has ended. */
const EXIT_SUPERVISOR_DIED = 102;

const HELP = `Waits until all services are so; with --any, until one is.

  -t, --timeout S      wait at most S seconds, rather than as long as it takes
      --any            one of them is enough
`;

/** Waits. */
export async function run(context: Context): Promise<number> {
  const line = readCommandLine(context, {
    flags: ["any"],
    valued: ["timeout"],
    letters: { t: "timeout" },
    help: HELP,
  });
  const [word = "", ...names] = line.names;
  const condition = CONDITIONS.find((each) => each === word);
  if (condition === undefined) wrongCall(context, `wait for ${CONDITIONS.join(", ")}: which?`);
  if (names.length === 0) wrongCall(context, "no service is named");
  const { places, unknown } = new Services(context, line).find(names);
  for (const each of unknown) complain(context.kernel, encode(`${context.program}: ${each}\n`));
  if (unknown.length > 0) return EXIT_FAILURE;
  const { kernel, program } = context;
  const forbidden = places.filter((place) => isForbidden(observe(kernel, place)));
  if (forbidden.length > 0) {
    const names = forbidden.map(({ name }) => name).join(", ");
    complain(kernel, encode(`${program}: no right to look at ${names}: ask as root\n`));
    return EXIT_FAILURE;
  }
  const waiting = new Waiting(condition, line.flag("any"));
  const attended = places.map((place): Attended => ({ place, goal: waiting.goal() }));
  const timeoutSeconds = line.number("timeout");
  const isReached = await attend(createHost(context), attended, {
    timeoutSeconds,
    isEnough: () => waiting.isDone,
    onDone: ({ name }, { reached, text }) => {
      if (reached || waiting.isDone) return;
      complain(context.kernel, encode(`${context.program}: ${name}: ${text}\n`));
    },
  });
  if (isReached || waiting.isDone) return EXIT_OK;
  return waiting.isSupervisorGone ? EXIT_SUPERVISOR_DIED : EXIT_TIME_UP;
}

/** What all goals of one call share. */
class Waiting {
  readonly #condition: Condition;
  readonly #any: boolean;
  /** Whether one was enough, and there is one. */
  isDone = false;
  /** Whether a supervisor ended meanwhile. */
  isSupervisorGone = false;

  constructor(condition: Condition, any: boolean) {
    this.#condition = condition;
    this.#any = any;
  }

  goal(): Goal {
    let wasSupervised = false;
    let first: Observation | undefined;
    return {
      judge: (observation) => {
        if (this.isDone) return { reached: true, text: "" };
        first ??= observation;
        const isSo = holds(this.#condition, observation) ||
          happened(this.#condition, first, observation);
        if (isSo) {
          if (this.#any) this.isDone = true;
          return { reached: true, text: this.#condition };
        }
        const isSupervised = observation.want !== undefined;
        // One that is to come up may be supervised later; nobody can have the others end.
        const mayCome = this.#condition === "up" || this.#condition === "ready";
        if (!isSupervised && (wasSupervised || !mayCome)) {
          this.isSupervisorGone = true;
          return {
            reached: false,
            text: wasSupervised ? "its supervisor has ended" : "not supervised",
          };
        }
        wasSupervised = isSupervised;
        return Infinity;
      },
      giveUp: ({ state }) => `is ${state}`,
    };
  }
}
