/** What start, stop, restart and their like have in common: tell, wait, and say what came of it. */

import { encode } from "../base/bytes.ts";
import { ERRNO, errnoText } from "../base/errno.ts";
import { EXIT_OK } from "../base/exit_codes.ts";
import { errnoOf } from "../base/system_error.ts";
import type { Timestamp } from "../base/tai64n.ts";
import { sendLetters } from "../observation/control.ts";
import type { Goal, Verdict } from "../observation/goal.ts";
import { type Observation, observe, type ServicePlace } from "../observation/observe.ts";
import { ProcessTable } from "../observation/process_table.ts";
import { createHost, type Host } from "../reactor/host.ts";
import { complain, type Context, print } from "../system/context.ts";
import { attend } from "./attending.ts";
import { type CommandLine, type CommandLineRules, wrongCall } from "./command_line.ts";
import { lastWords } from "./last_words.ts";
import { isForbidden } from "./rights.ts";
import { runTrouble } from "./run_trouble.ts";
import { Services } from "./services.ts";

/** Something is not as it was asked for. */
export const EXIT_NOT_DONE = 1;

const TIMEOUT_SECONDS = 10;

/** Options of these commands. */
export const CHANGE_OPTIONS = {
  flags: ["no-wait"],
  valued: ["timeout"],
  letters: { t: "timeout" },
  help: "  -t, --timeout S      wait at most S seconds (10 unless given)\n" +
    "      --no-wait        tell, and do not wait\n",
} satisfies CommandLineRules;

/** What a command does with one service. */
export interface ChangePlan {
  /** Why it cannot be done; undefined when it can. */
  readonly impossible?: (observation: Observation) => string | undefined;
  /** Does it. */
  readonly act: (context: Context, observation: Observation) => void;
  /** What to wait for then; undefined when it is done at once. */
  readonly goal: (observation: Observation, asked: Timestamp) => Goal | undefined;
  /** Said when it is not waited for. */
  readonly told: string;
}

/** An action that sends letters of svc. */
export function sending(letters: (observation: Observation) => string): ChangePlan["act"] {
  return ({ kernel }, observation) => sendLetters(kernel, observation.place, letters(observation));
}

/**
 * Does what a plan says to the services named, and waits.
 *
 * @returns the exit code: 0 when all is as it was asked for, else 1
 */
export async function change(
  context: Context,
  line: CommandLine,
  plan: ChangePlan,
  names: readonly string[] = line.names,
): Promise<number> {
  if (names.length === 0) wrongCall(context, "no service is named");
  const { places, unknown } = new Services(context, line).find(names);
  for (const each of unknown) complain(context.kernel, encode(`${context.program}: ${each}\n`));
  const changer = new Changer(context, plan, line.flag("no-wait"));
  const timeoutSeconds = line.number("timeout") ?? TIMEOUT_SECONDS;
  const isOneByOne = line.flag("one-by-one");
  const rounds = isOneByOne ? places.map((place) => [place]) : [places];
  let done = unknown.length === 0;
  for (const round of rounds) {
    const isRoundDone = await changer.run(round, timeoutSeconds);
    done &&= isRoundDone;
    // The others still work: better not to try the same on them.
    if (isOneByOne && !isRoundDone) {
      changer.sayLeft(places.slice(places.indexOf(round[0]!) + 1));
      break;
    }
  }
  changer.sayRights();
  return done ? EXIT_OK : EXIT_NOT_DONE;
}

class Changer {
  readonly #context: Context;
  readonly #host: Host;
  readonly #plan: ChangePlan;
  readonly #noWait: boolean;
  readonly #forbidden: string[] = [];

  constructor(context: Context, plan: ChangePlan, noWait: boolean) {
    this.#context = context;
    this.#host = createHost(context);
    this.#plan = plan;
    this.#noWait = noWait;
  }

  /** Changes services, all at once; resolves to whether all are as they should be. */
  async run(places: readonly ServicePlace[], timeoutSeconds: number): Promise<boolean> {
    const { kernel } = this.#context;
    const asked = kernel.now();
    const failures: { place: ServicePlace; text: string }[] = [];
    const attended = places.flatMap((place) => {
      const observation = lookAt(this.#context, place);
      const goal = this.#plan.goal(observation, asked);
      // Where nothing may be looked at, trying tells.
      const impossible = impossibleToReach(observation) ??
        (isForbidden(observation) ? undefined : this.#plan.impossible?.(observation));
      if (impossible !== undefined) {
        failures.push({ place, text: impossible });
        return [];
      }
      if (this.#noWait || goal === undefined) {
        const problem = this.#begin(observation);
        if (problem === undefined) this.#say(place, { reached: true, text: this.#plan.told });
        else failures.push({ place, text: problem });
        return [];
      }
      let problem: string | undefined;
      const judged: Goal = {
        judge: (seen, now) =>
          problem === undefined ? goal.judge(seen, now) : { reached: false, text: problem },
        giveUp: (seen) => goal.giveUp(seen),
      };
      return [{ place, goal: judged, begin: () => problem = this.#begin(observation) }];
    });
    const isReached = await attend(this.#host, attended, {
      timeoutSeconds,
      onDone: (place, verdict) => {
        if (verdict.reached) this.#say(place, verdict);
        else failures.push({ place, text: verdict.text });
      },
    });
    for (const { place, text } of failures) {
      const trouble = runTrouble(this.#context, observe(kernel, place));
      const said = trouble || await lastWords(this.#context, place, asked);
      if (!this.#forbidden.includes(place.name)) {
        this.#say(place, { reached: false, text: text + said });
      }
    }
    return isReached && failures.length === 0;
  }

  /** Says once what may not be done, however many services that are. */
  sayRights(): void {
    if (this.#forbidden.length === 0) return;
    const text = `${this.#context.program}: no right to control ${this.#forbidden.join(", ")}: ` +
      `ask as root\n`;
    complain(this.#context.kernel, encode(text));
  }

  /** Says which services were left as they were. */
  sayLeft(places: readonly ServicePlace[]): void {
    if (places.length === 0) return;
    const names = places.map(({ name }) => name).join(", ");
    const text = `${this.#context.program}: left as they were: ${names}\n`;
    complain(this.#context.kernel, encode(text));
  }

  /** Does it; tells why that failed. */
  #begin(observation: Observation): string | undefined {
    try {
      this.#plan.act(this.#context, observation);
      return undefined;
    } catch (error) {
      const errno = errnoOf(error);
      if (errno === ERRNO.ENXIO || errno === ERRNO.ENOENT) return "not supervised";
      if (errno === ERRNO.EACCES || errno === ERRNO.EPERM) {
        this.#forbidden.push(observation.place.name);
      }
      return `unable to control it: ${errnoText(errno)}`;
    }
  }

  #say(place: ServicePlace, { reached, text }: Verdict): void {
    const line = `${place.name}: ${text}\n`;
    if (reached) print(this.#context, line);
    else complain(this.#context.kernel, encode(line));
  }
}

/** Looks at a service; at all processes only where it takes them to tell an orphan. */
function lookAt({ kernel }: Context, place: ServicePlace): Observation {
  const observation = observe(kernel, place);
  return observation.state === "not supervised"
    ? observe(kernel, place, ProcessTable.read(kernel))
    : observation;
}

/** Why nobody can do anything with a service. */
function impossibleToReach(observation: Observation): string | undefined {
  const { state, pid, why } = observation;
  if (state === "not supervised") return state;
  if (state === "orphaned") return `orphaned (pid ${pid}): its supervisor is gone`;
  return state === "unknown" && !isForbidden(observation) ? why ?? state : undefined;
}
