/** The table of `status`: one line per service, at most 80 characters where a terminal is as wide. */

import type { Timestamp } from "../base/tai64n.ts";
import type { HistoryEvent } from "../base/history_lines.ts";
import { restartsSince } from "../observation/history.ts";
import type { Observation } from "../observation/observe.ts";
import { durationText, shortDuration, shortExit, sizeText } from "../observation/quantities.ts";
import { isAsWanted } from "../observation/state.ts";
import { secondsBetween } from "../observation/status_json.ts";
import type { Colour, Screen } from "./screen.ts";
import { type Cell, type Column, layOutTable } from "./table.ts";

const HOUR_SECONDS = 3600;
/** What is not known. */
const UNKNOWN = "?";
/** What there is none of. */
const NONE = "-";

const COLUMNS: readonly Column[] = [
  { heading: "NAME", shortest: 8 },
  { heading: "STATE", shortest: 11 },
  { heading: "PID", align: "right", dropped: 1 },
  { heading: "TIME", align: "right", dropped: 2 },
  { heading: "RST", align: "right", dropped: 3 },
  { heading: "CPU", align: "right", dropped: 5 },
  { heading: "MEM", align: "right", dropped: 4 },
  { heading: "LAST END", dropped: 7 },
  { heading: "LOG", dropped: 6 },
];

/** Processor time that services used, by pid, when they were looked at before. */
export interface EarlierUse {
  /** When that was. */
  readonly at: Timestamp;
  /** Seconds by process id. */
  readonly cpuSeconds: ReadonlyMap<number, number>;
}

/** The word for a state with what belongs to it: `backing off 8s`. */
export function stateText({ state, startsInSeconds }: Observation): string {
  if (startsInSeconds === undefined) return state;
  return `${state} ${durationText(Math.ceil(startsInSeconds))}`;
}

/** The colour of a state. */
export function stateColour({ state, want }: Observation): Colour {
  if (state === "paused" || state === "finishing" || state === "backing off") return "odd";
  if (!isAsWanted(state, want)) return "bad";
  return state === "down" ? "faint" : "good";
}

/**
 * The lines of the table, the heading first.
 *
 * @param now when the services were looked at
 * @param earlier an earlier look, whence the processor's share is counted; else since the start
 */
export function statusTable(
  observations: readonly Observation[],
  now: Timestamp,
  screen: Screen,
  earlier?: EarlierUse,
): string[] {
  const rows = observations.map((each) => rowOf(each, now, screen, earlier));
  const [heading = "", ...lines] = layOutTable(COLUMNS, rows, screen.columns);
  return [screen.paint("strong", heading), ...lines];
}

/** How often a service was restarted in the last hour: `12`, or `88+` if more are forgotten. */
export function restartsText(history: readonly HistoryEvent[], now: Timestamp): string {
  const since = now.seconds - HOUR_SECONDS;
  const first = history[0];
  const isForgotten = first !== undefined && first.at.seconds > since && first.event !== "start";
  return `${restartsSince(history, since)}${isForgotten ? "+" : ""}`;
}

function rowOf(
  observation: Observation,
  now: Timestamp,
  screen: Screen,
  earlier: EarlierUse | undefined,
): Cell[] {
  const { place, pid, since, history, lastExit, usage, logger } = observation;
  const isKnown = observation.want !== undefined;
  const none = observation.state === "unknown" ? UNKNOWN : NONE;
  const restarts = history && restartsText(history, now);
  return [
    { text: place.name },
    {
      text: stateText(observation),
      paint: (text) => screen.paint(stateColour(observation), text),
    },
    { text: pid === undefined ? none : String(pid) },
    { text: since === undefined ? none : durationText(Math.floor(secondsBetween(since, now))) },
    { text: restarts ?? (isKnown ? UNKNOWN : none) },
    { text: pid === undefined ? none : shareText(observation, now, earlier) },
    {
      text: pid === undefined ? none : usage === undefined ? UNKNOWN : sizeText(usage.memoryBytes),
    },
    {
      text: lastExit !== undefined
        ? `${shortExit(lastExit)} ${shortDuration(secondsBetween(lastExit.at, now))}`
        : history === undefined && isKnown
        ? UNKNOWN
        : none,
    },
    loggerCell(logger, screen),
  ];
}

function shareText(
  { pid = 0, since, usage }: Observation,
  now: Timestamp,
  earlier: EarlierUse | undefined,
): string {
  if (usage === undefined) return UNKNOWN;
  const before = earlier?.cpuSeconds.get(pid);
  const from = before === undefined ? since : earlier?.at;
  const seconds = from === undefined ? 0 : secondsBetween(from, now);
  if (seconds === 0) return UNKNOWN;
  const share = 100 * Math.max(0, usage.cpuSeconds - (before ?? 0)) / seconds;
  return `${share < 99.95 ? share.toFixed(1) : Math.round(share)}%`;
}

function loggerCell(logger: Observation | undefined, screen: Screen): Cell {
  if (logger === undefined) return { text: NONE };
  const isUp = logger.state === "up" || logger.state === "ready";
  const short = logger.state === "not supervised" ? "none" : logger.state;
  const text = isUp && logger.isHosted ? "hosted" : short;
  return { text, paint: (same) => screen.paint(stateColour(logger), same) };
}
