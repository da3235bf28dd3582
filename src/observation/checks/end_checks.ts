/** Checks of how a service ends: again and again, or for good. */

import { isAskedFor } from "../../base/history_lines.ts";
import { quoteWord } from "../../base/shell_word.ts";
import type { Timestamp } from "../../base/tai64n.ts";
import { type Exit, exitsIn } from "../history.ts";
import type { Observation } from "../observe.ts";
import { durationText, exitText, failureText, timesText } from "../quantities.ts";
import { secondsBetween } from "../status_json.ts";
import type { Finding } from "./finding.ts";

/** So many ends, that nobody asked for, in so short a time are no accident. */
const MANY_ENDS = 3;
const RECENT_SECONDS = 60;

/** The ends that nobody has asked for in the last minute, oldest first; none where none are kept. */
export function recentEnds({ history = [] }: Observation, now: Timestamp): Exit[] {
  return exitsIn(history).filter(({ at, by }) =>
    !isAskedFor(by) && secondsBetween(at, now) <= RECENT_SECONDS
  );
}

/** Whether a service keeps ending, or has failed for good. */
export function hasTrouble(observation: Observation, now: Timestamp): boolean {
  const { state, why } = observation;
  if (state === "failed") return why !== "no-run";
  return state !== "down" && recentEnds(observation, now).length >= MANY_ENDS;
}

/**
 * Checks how a service ends.
 *
 * @param lastWords the end of a sentence: what it has logged last
 */
export function checkEnds(observation: Observation, now: Timestamp, lastWords: string): Finding[] {
  if (!hasTrouble(observation, now)) return [];
  const { place: { name: service, path }, state, why, lastExit } = observation;
  const how = lastExit === undefined ? "ended" : exitText(lastExit) +
    (lastExit.ranSeconds === undefined ? "" : ` after ${durationText(lastExit.ranSeconds)}`);
  const word = quoteWord(service);
  const look = `see daemontools log ${word}; or run it by hand, cd ${quoteWord(path)} && ./run; ` +
    "then ";
  if (state === "failed") {
    const problem = `it is not started again (${failureText(why ?? "failed")}): ${how}${lastWords}`;
    return [{ service, code: "failed", problem, advice: `${look}daemontools start ${word}` }];
  }
  const times = timesText(recentEnds(observation, now).length);
  const problem = `it keeps ending: ${how}, ${times} in the last minute${lastWords}`;
  const advice = `${look}correct what it complains about (daemontools stop ${word} ` +
    "gives you peace; a file backoff makes the pauses longer)";
  return [{ service, code: "keeps-ending", problem, advice }];
}
