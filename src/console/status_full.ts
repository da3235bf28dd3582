/** Everything about one service, for people. */

import { signalName } from "../base/signals.ts";
import type { Timestamp } from "../base/tai64n.ts";
import { type Exit, exitsIn } from "../observation/history.ts";
import type { Observation } from "../observation/observe.ts";
import { durationText, exitText, failureText, sizeText } from "../observation/quantities.ts";
import { secondsBetween } from "../observation/status_json.ts";
import type { Screen } from "./screen.ts";
import { withoutControls } from "./screen.ts";
import { restartsText, stateColour, stateText } from "./status_table.ts";

const MOST_EXITS = 5;
const LABEL_WIDTH = 10;

/** Who asked for an end, by the letter of svc. */
const ASKED: Readonly<Record<string, string>> = {
  d: "svc -d",
  t: "svc -t",
  k: "svc -k",
  o: "svc -o",
  x: "svc -x",
  i: "svc -i",
  h: "svc -h",
  a: "svc -a",
};

/** What a full description is made of, besides the service. */
export interface FullStatusOptions {
  /** When the service was looked at. */
  readonly now: Timestamp;
  /** Says a point of time as people at this place do. */
  readonly localTime: (at: Timestamp) => string;
  /** Where it is printed. */
  readonly screen: Screen;
  /** What is wrong with `run`, behind a colon; empty when that is not why it has failed. */
  readonly runTrouble: string;
  /** Its last log lines, ready to print; undefined when it has no log that can be read. */
  readonly logLines: readonly string[] | undefined;
}

/** The lines of a full description. */
export function fullStatus(observation: Observation, options: FullStatusOptions): string[] {
  const { screen } = options;
  const { place, state } = observation;
  const mark = screen.paint(stateColour(observation), "●");
  const title = `${mark} ${screen.paint("strong", place.name)} (${place.path})`;
  const rows: [string, string | undefined][] = [
    ["State", stateLine(observation, options)],
    ["Says", observation.statusText && withoutControls(observation.statusText)],
    ["Wanted", wantedLine(observation)],
    ["Process", processLine(observation)],
    ["Restarts", restartsLine(observation, options.now)],
    ["Logger", loggerLine(observation)],
  ];
  const exits = exitsIn(observation.history ?? []).slice(-MOST_EXITS).toReversed();
  const first = exits.length > 0 ? "Last ends" : state === "unknown" ? undefined : "Last end";
  const lines = rows.flatMap(([label, text]) => text === undefined ? [] : [row(label, text)]);
  if (first !== undefined) {
    const texts = exits.map((exit) => exitLine(exit, options));
    const none = observation.history === undefined ? "unknown: no history is kept" : "none";
    const all = texts.length > 0 ? texts : [none];
    lines.push(...all.map((text, index) => row(index === 0 ? first : "", text)));
  }
  const { logLines } = options;
  return [title, ...lines, ...(logLines === undefined ? [] : ["", ...logLines])];
}

function row(label: string, text: string): string {
  return `${(label === "" ? "" : `${label}:`).padStart(LABEL_WIDTH)} ${text}`;
}

function stateLine(
  observation: Observation,
  { now, localTime, screen, runTrouble }: FullStatusOptions,
) {
  const { since, why, readySince, state } = observation;
  const word = screen.paint(stateColour(observation), stateText(observation));
  const reason = why === undefined ? "" : ` (${failureText(why)}${runTrouble})`;
  const ready = readySince === undefined || state !== "ready"
    ? ""
    : `, ready after ${durationText(secondsBetween(since ?? readySince, readySince))}`;
  if (since === undefined) return word + reason;
  const duration = durationText(Math.floor(secondsBetween(since, now)));
  return `${word}${reason} for ${duration}, since ${localTime(since)}${ready}`;
}

function wantedLine({ want, normallyUp }: Observation): string | undefined {
  if (normallyUp === undefined) return undefined;
  const normally = normallyUp ? "normally up" : "normally down (there is a file down)";
  return want === undefined ? normally : `${want}, ${normally}`;
}

function processLine({ pid, usage }: Observation): string | undefined {
  if (pid === undefined) return undefined;
  if (usage === undefined) return `pid ${pid}; what it uses is unknown`;
  const { processes, memoryBytes, cpuSeconds } = usage;
  const others = processes > 1 ? ` and ${processes - 1} more` : "";
  return `pid ${pid}${others}, memory ${sizeText(memoryBytes)}, ` +
    `processor time ${durationText(cpuSeconds)}`;
}

function restartsLine({ history, want }: Observation, now: Timestamp): string | undefined {
  if (want === undefined) return undefined;
  if (history === undefined) return "unknown";
  return `${restartsText(history, now)} in the last hour`;
}

function loggerLine({ logger }: Observation): string {
  if (logger === undefined) return "none";
  const pid = logger.pid === undefined ? "" : `, pid ${logger.pid}`;
  return `${stateText(logger)}${logger.isHosted ? ", hosted" : ""}${pid}`;
}

function exitLine(exit: Exit, { now, localTime, screen }: FullStatusOptions): string {
  const ran = exit.ranSeconds === undefined ? "" : ` after ${durationText(exit.ranSeconds)}`;
  const { by } = exit;
  const asked = by === undefined ? "" : `, asked by ${ASKED[by] ?? byWord(by)}`;
  const ago = durationText(Math.floor(secondsBetween(exit.at, now)));
  const line = `${exitText(exit)}${ran}${asked}, ${ago} ago`;
  const whole = `${line} (${localTime(exit.at)})`;
  // Where there is no room for both, how long ago it was says enough.
  const room = (screen.columns ?? Infinity) - LABEL_WIDTH - 1;
  return whole.length <= room ? whole : line;
}

function byWord(by: string): string {
  return /^\d+$/.test(by) ? `SIG${signalName(Number(by))}` : withoutControls(by);
}
