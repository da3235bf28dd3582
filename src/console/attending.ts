/** Waiting for services, each for its own goal, until all are done or time is up. */

import type { Host } from "../reactor/host.ts";
import { Progress } from "./progress.ts";
import type { Goal, Verdict } from "../observation/goal.ts";
import { type Observation, observe, type ServicePlace } from "../observation/observe.ts";
import { ServiceWatch } from "../observation/service_watch.ts";

/** One service and what is waited for. */
export interface Attended {
  /** The service. */
  readonly place: ServicePlace;
  /** What is waited for. */
  readonly goal: Goal;
  /** Done when the service is watched, and before it is looked at: what brings the goal about. */
  readonly begin?: () => void;
}

/** How to wait. */
export interface AttendOptions {
  /** When to give up, in seconds; never, if undefined. */
  readonly timeoutSeconds: number | undefined;
  /** Whether what is done already is all that matters. */
  readonly isEnough?: () => boolean;
  /** Told of each service as soon as it is done. */
  readonly onDone: (place: ServicePlace, verdict: Verdict) => void;
}

/**
 * Waits.
 *
 * @param host one for the whole command
 * @returns whether all goals were reached
 * @throws {SystemError} what `begin` throws, and when nothing can be watched
 */
export async function attend(
  host: Host,
  attended: readonly Attended[],
  { timeoutSeconds, isEnough = () => false, onDone }: AttendOptions,
): Promise<boolean> {
  const watch = new ServiceWatch(host);
  const progress = new Progress(host.reactor);
  const open = new Set(attended);
  let allReached = true;
  let isTimeUp = false;
  const finish = (each: Attended, verdict: Verdict): void => {
    open.delete(each);
    allReached &&= verdict.reached;
    progress.clear();
    onDone(each.place, verdict);
    if (open.size > 0) progress.waitingFor([...open].map(({ place }) => place.name));
  };
  const look = (each: Attended): void => {
    if (!open.has(each)) return;
    const verdict = each.goal.judge(lookAt(host, each.place), host.kernel.now());
    if (typeof verdict !== "number") finish(each, verdict);
    else if (verdict < Infinity) host.reactor.after(verdict, () => look(each));
  };
  if (timeoutSeconds !== undefined) {
    host.reactor.after(timeoutSeconds * 1000, () => isTimeUp = true);
  }
  try {
    for (const each of attended) {
      watch.add(each.place, () => look(each));
      each.begin?.();
      look(each);
    }
    if (open.size > 0) progress.waitingFor([...open].map(({ place }) => place.name));
    await host.reactor.run(() => open.size === 0 || isTimeUp || isEnough());
    if (isEnough()) return allReached;
    for (const each of [...open]) {
      const observation = lookAt(host, each.place);
      const verdict = each.goal.judge(observation, host.kernel.now());
      finish(
        each,
        typeof verdict === "number"
          ? { reached: false, text: timeIsUp(each, observation) }
          : verdict,
      );
    }
    return allReached;
  } finally {
    progress.end();
    watch.close();
  }
}

function timeIsUp({ goal }: Attended, observation: Observation): string {
  return `${goal.giveUp(observation)} (time is up)`;
}

/** A look without what processes use. */
function lookAt({ kernel }: Host, place: ServicePlace): Observation {
  return observe(kernel, place);
}
