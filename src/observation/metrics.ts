/**
 * What is told of services as metrics: in OpenMetrics 1.0, or in the older text format that the
 * node exporter's textfile collector reads. What is not known has no sample.
 *
 * @see https://github.com/prometheus/OpenMetrics/blob/main/specification/OpenMetrics.md
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */

import type { Timestamp } from "../base/tai64n.ts";
import { restartsSince } from "./history.ts";
import type { Observation } from "./observe.ts";
import { isAsWanted, STATES } from "./state.ts";
import { secondsBetween } from "./status_json.ts";

const HOUR_SECONDS = 3600;
const STATE_FAMILY = "daemontools_service_state";

/** What the logs of a service hold. */
export interface LogSize {
  /** Bytes in all files, also in those that are not written to any more. */
  readonly bytes: number;
  /** How many files that are. */
  readonly files: number;
  /** Bytes in those that are written to now. */
  readonly currentBytes: number;
  /** Lines in those that are written to now. */
  readonly currentLines: number;
}

/** A service with what its logs hold; undefined where that is not known. */
export interface Measured {
  /** The service. */
  readonly observation: Observation;
  /** Its logs. */
  readonly log: LogSize | undefined;
}

type Labels = Readonly<Record<string, string>>;

/** One value. */
interface Sample {
  readonly labels: Labels;
  readonly value: number;
}

/** Values of one kind. */
interface Family {
  readonly name: string;
  readonly type: "gauge" | "counter" | "stateset";
  readonly unit?: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

/** A family whose value comes from one service at a time. */
interface Measure {
  readonly name: string;
  readonly type?: "counter";
  readonly unit?: string;
  readonly help: string;
  readonly of: (measured: Measured, now: Timestamp) => number | undefined;
}

const MEASURES: readonly Measure[] = [
  {
    name: "up",
    help: "Whether the service has a process that somebody supervises.",
    of: ({ observation: { state, pid, want } }) =>
      state === "unknown" ? undefined : Number(pid !== undefined && want !== undefined),
  },
  {
    name: "as_wanted",
    help: "Whether the service is as it is wanted to be.",
    of: ({ observation: { state, want } }) =>
      state === "unknown" ? undefined : Number(isAsWanted(state, want)),
  },
  {
    name: "uptime_seconds",
    unit: "seconds",
    help: "How long the process has run.",
    of: ({ observation: { pid, since } }, now) =>
      pid === undefined || since === undefined ? undefined : secondsBetween(since, now),
  },
  {
    name: "restarts_last_hour",
    help: "How often the service was started again in the last hour.",
    of: ({ observation: { history } }, now) =>
      history && restartsSince(history, now.seconds - HOUR_SECONDS),
  },
  {
    name: "last_exit_code",
    help: "Exit code of the last end, unless it was by a signal.",
    of: ({ observation: { lastExit } }) => lastExit?.code,
  },
  {
    name: "last_exit_signal",
    help: "Number of the signal that the last end was by.",
    of: ({ observation: { lastExit } }) => lastExit?.signal,
  },
  {
    name: "last_exit_timestamp_seconds",
    unit: "seconds",
    help: "When the last end was, in seconds since 1970.",
    of: ({ observation: { lastExit } }) => lastExit && lastExit.at.seconds,
  },
  {
    name: "cpu_seconds",
    type: "counter",
    unit: "seconds",
    help: "Processor time of the service's processes that run now.",
    of: ({ observation: { usage } }) => usage?.cpuSeconds,
  },
  {
    name: "memory_bytes",
    unit: "bytes",
    help: "Resident memory of the service's processes.",
    of: ({ observation: { usage } }) => usage?.memoryBytes,
  },
  {
    name: "processes",
    help: "How many processes the service has.",
    of: ({ observation: { usage } }) => usage?.processes,
  },
  {
    name: "log_bytes",
    unit: "bytes",
    help: "Size of all files of the service's logs, with the old ones; less when one is removed.",
    of: ({ log }) => log?.bytes,
  },
  {
    name: "log_files",
    help: "How many files these are.",
    of: ({ log }) => log?.files,
  },
  {
    name: "log_current_bytes",
    unit: "bytes",
    help: "Size of the files that the service's logger writes to now; zero after each rotation.",
    of: ({ log }) => log?.currentBytes,
  },
  {
    name: "log_current_lines",
    help: "Lines in the files that the service's logger writes to now; zero after each rotation.",
    of: ({ log }) => log?.currentLines,
  },
];

/** Everything about services and their loggers, by families. */
function familiesOf(services: readonly Measured[], now: Timestamp): Family[] {
  const all = services.flatMap(({ observation, log }): Measured[] => [
    { observation, log },
    ...observation.logger ? [{ observation: observation.logger, log: undefined }] : [],
  ]);
  const states = all.flatMap(({ observation: { place, state } }) =>
    STATES.map((each) => ({
      labels: { service: place.name, [STATE_FAMILY]: each },
      value: Number(each === state),
    }))
  );
  const measures = MEASURES.map(({ name, type, unit, help, of }): Family => ({
    name: `daemontools_service_${name}`,
    type: type ?? "gauge",
    ...(unit === undefined ? {} : { unit }),
    help,
    samples: all.flatMap((measured) => {
      const value = of(measured, now);
      const labels = { service: measured.observation.place.name };
      return value === undefined ? [] : [{ labels, value }];
    }),
  }));
  const state: Family = {
    name: STATE_FAMILY,
    type: "stateset",
    help: "The state of the service.",
    samples: states,
  };
  return [state, ...measures].filter(({ samples }) => samples.length > 0);
}

/** OpenMetrics 1.0. */
export function openMetrics(services: readonly Measured[], now: Timestamp): string {
  const lines = familiesOf(services, now).flatMap(({ name, type, unit, help, samples }) => [
    `# TYPE ${name} ${type}`,
    ...unit === undefined ? [] : [`# UNIT ${name} ${unit}`],
    `# HELP ${name} ${help}`,
    ...samples.map((each) => sampleLine(type === "counter" ? `${name}_total` : name, each)),
  ]);
  return `${lines.join("\n")}${lines.length > 0 ? "\n" : ""}# EOF\n`;
}

/** The older text format. */
export function textFormat(services: readonly Measured[], now: Timestamp): string {
  const lines = familiesOf(services, now).flatMap(({ name, type, help, samples }) => {
    const whole = type === "counter" ? `${name}_total` : name;
    return [
      `# HELP ${whole} ${help}`,
      `# TYPE ${whole} ${type === "counter" ? "counter" : "gauge"}`,
      ...samples.map(({ labels: { [STATE_FAMILY]: state, ...labels }, value }) =>
        sampleLine(whole, { labels: state === undefined ? labels : { ...labels, state }, value })
      ),
    ];
  });
  return lines.map((line) => `${line}\n`).join("");
}

function sampleLine(name: string, { labels, value }: Sample): string {
  const texts = Object.entries(labels).map(([label, text]) => {
    const escaped = text.replace(/[\\"]/g, "\\$&").replaceAll("\n", "\\n");
    return `${label}="${escaped}"`;
  });
  return `${name}{${texts.join(",")}} ${value}`;
}
