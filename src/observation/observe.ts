/**
 * Looks at a service from outside: its directory, the files of supervise in it, and its process.
 * Nothing here needs a supervise of ours: whatever keeps to the files of daemontools will do, with
 * less to tell.
 */

import { type HistoryEvent, parseHistory } from "../base/history_lines.ts";
import { decode } from "../base/bytes.ts";
import { ERRNO, errnoText } from "../base/errno.ts";
import { CWD } from "../base/kernel_constants.ts";
import { decodeStatus, STATUS_SIZE, type StatusRecord, type Want } from "../base/status_record.ts";
import { errnoOf, SystemError, unlessMissing } from "../base/system_error.ts";
import { TAI64_OFFSET, type Timestamp } from "../base/tai64n.ts";
import type { Clock, Files } from "../system/kernel.ts";
import { type Exit, exitsIn, lastEvent } from "./history.ts";
import { parseProcessStat, type ProcessTable, type Usage } from "./process_table.ts";
import { readFile, type ReadingFiles, readText } from "./reading.ts";
import { judge, type State } from "./state.ts";

/** Why nothing is known of a service that this user may not look at. */
export const NO_RIGHT = "no right to look at it";

/** What is needed of the kernel. */
export type ObservingFiles =
  & ReadingFiles
  & Pick<Files, "openWrite" | "stat">
  & Pick<Clock, "now">;

/** Where a service is. */
export interface ServicePlace {
  /** What people call it: its name in the services' directory, or its path. */
  readonly name: string;
  /** Its directory, an absolute path. */
  readonly path: string;
  /** Where supervise keeps its files for it. */
  readonly supervisePath: string;
}

/** What was seen. What cannot be known is undefined: never zero. */
export interface Observation {
  /** The service. */
  readonly place: ServicePlace;
  /** The word for how it is. */
  readonly state: State;
  /** Why it is unknown, not supervised, or has failed. */
  readonly why?: string;
  /** When backing off: seconds until its next start. */
  readonly startsInSeconds?: number;
  /** Its process; undefined when there is none. */
  readonly pid?: number;
  /** Whether that process has ended, which its supervisor has not noticed yet. */
  readonly hasEnded?: boolean;
  /** Since when it is up or down. */
  readonly since?: Timestamp;
  /** What is wanted of it. */
  readonly want?: Want;
  /** Whether it is started with its supervisor: there is no file `down`. */
  readonly normallyUp?: boolean;
  /** Since when it is ready. */
  readonly readySince?: Timestamp;
  /** What it said of itself. */
  readonly statusText?: string;
  /** Its last starts and ends, oldest first; undefined where none are kept. */
  readonly history?: readonly HistoryEvent[];
  /** Its last end, if the history has one. */
  readonly lastExit?: Exit;
  /** What its processes use. */
  readonly usage?: Usage;
  /** Whether it is a log that another process writes, together with others. */
  readonly isHosted?: boolean;
  /** Its logger; undefined when it has none. */
  readonly logger?: Observation;
}

/** How far a process's start may be from the time in the status, in seconds. */
const START_TOLERANCE_SECONDS = 2;
const [PID_OFFSET, PHASE_OFFSET, PHASE_HOSTED] = [24, 28, 3];

/**
 * Looks at a service and its logger.
 *
 * @param processes a snapshot of all processes; without it there is nothing of `usage`, and an
 *   orphan is not told from a service that is not supervised
 */
export function observe(
  files: ObservingFiles,
  place: ServicePlace,
  processes?: ProcessTable,
): Observation {
  const own = observeOne(files, place, processes);
  const log = loggerOf(place);
  if (!isDirectory(files, log.path)) return own;
  return { ...own, logger: observeOne(files, log, processes) };
}

/** Where a service's logger is, whether it has one or not. */
export function loggerOf(place: ServicePlace): ServicePlace {
  const path = `${place.path}/log`;
  return { name: `${place.name}/log`, path, supervisePath: `${path}/supervise` };
}

/** Looks at one service, without its logger. */
export function observeOne(
  files: ObservingFiles,
  place: ServicePlace,
  processes?: ProcessTable,
): Observation {
  try {
    const normallyUp = unlessMissing(() => files.stat(CWD, `${place.path}/down`)) === undefined;
    const status = readStatus(files, place);
    if (!isSupervised(files, place)) {
      return { place, normallyUp, ...withoutSupervisor(files, place, status, processes) };
    }
    if (status === undefined) {
      return { place, normallyUp, state: "unknown", why: "its status record is not sound" };
    }
    return { place, normallyUp, ...withSupervisor(files, place, status, processes) };
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === ERRNO.ENOENT || errno === ERRNO.ENOTDIR) {
      return { place, state: "unknown", why: "there is no such directory" };
    }
    const why = errno === ERRNO.EACCES ? NO_RIGHT : errnoText(errno);
    return { place, state: "unknown", why };
  }
}

/**
 * Whether somebody supervises a service: the reading end of `ok` is open.
 *
 * @throws {SystemError} when that cannot be found out
 */
export function isSupervised(files: Pick<Files, "openWrite" | "close">, place: ServicePlace) {
  try {
    files.close(files.openWrite(CWD, `${place.supervisePath}/ok`));
    return true;
  } catch (error) {
    const errno = errnoOf(error);
    if (errno === ERRNO.ENXIO || errno === ERRNO.ENOENT) return false;
    throw error;
  }
}

/** The status record; undefined when there is none, or a broken one. */
function readStatus(files: ReadingFiles, place: ServicePlace): StatusRecord | undefined {
  const bytes = unlessMissing(() => readFile(files, `${place.supervisePath}/status`));
  return bytes === undefined || bytes.length < STATUS_SIZE ? undefined : decodeStatus(bytes);
}

function readHistory(files: ObservingFiles, place: ServicePlace): HistoryEvent[] | undefined {
  try {
    const bytes = unlessMissing(() => readFile(files, `${place.supervisePath}/history`));
    if (bytes !== undefined) return parseHistory(decode(bytes));
    // One that keeps a process record keeps a history too: nothing has happened yet.
    const keepsOne = unlessMissing(() => files.stat(CWD, `${place.supervisePath}/process`));
    return keepsOne && [];
  } catch (error) {
    // Somebody else's, perhaps; what it would tell is unknown then.
    if (error instanceof SystemError) return undefined;
    throw error;
  }
}

/** What a process has said of itself; undefined when that was another process. */
function readStatusText(files: ReadingFiles, place: ServicePlace, pid: number) {
  const text = pid === 0 ? undefined : readText(files, `${place.supervisePath}/status-text`);
  const [, sender, words] = /^(\d+) (.*)\n$/.exec(text ?? "") ?? [];
  return Number(sender) === pid ? words : undefined;
}

function stampOf({ taiSeconds, nanoseconds }: StatusRecord): Timestamp {
  return { seconds: Number(taiSeconds - TAI64_OFFSET), nanoseconds };
}

/**
 * Whether a process is a log host, of whose streams the service is one.
 *
 * @see the layout of `supervise/process` in src/supervision/process_record.ts
 */
function isHosted(files: ReadingFiles, place: ServicePlace, pid: number): boolean {
  try {
    const record = unlessMissing(() => readFile(files, `${place.supervisePath}/process`));
    if (record === undefined || record.length < PHASE_OFFSET + 1) return false;
    const view = new DataView(record.buffer, record.byteOffset, record.length);
    return decode(record.subarray(0, 4)) === "dtpr" && view.getUint32(PID_OFFSET, true) === pid &&
      record[PHASE_OFFSET] === PHASE_HOSTED;
  } catch (error) {
    if (error instanceof SystemError) return false;
    throw error;
  }
}

type Seen = Omit<Observation, "place" | "normallyUp">;

function withSupervisor(
  files: ObservingFiles,
  place: ServicePlace,
  status: StatusRecord,
  processes: ProcessTable | undefined,
): Seen {
  const history = readHistory(files, place);
  const seen: Seen = { ...judge({ status, history, now: files.now() }), want: status.want };
  const ready = seen.state === "ready" && history ? lastEvent(history, "ready") : undefined;
  const lastExit = history && exitsIn(history).at(-1);
  const statusText = readStatusText(files, place, status.pid);
  const hosted = status.pid !== 0 && isHosted(files, place, status.pid);
  // A host's use is not that of one of its streams.
  const usage = hosted ? undefined : processes?.usageOf(status.pid);
  const hasEnded = status.pid !== 0 && (processes?.hasEnded(status.pid) ??
    parseProcessStat(readText(files, `/proc/${status.pid}/stat`) ?? "")?.state === "Z");
  return {
    ...seen,
    ...(statusText === undefined ? {} : { statusText }),
    ...(hasEnded ? { hasEnded } : {}),
    ...(hosted ? { isHosted: true } : {}),
    since: stampOf(status),
    ...(status.pid === 0 ? {} : { pid: status.pid }),
    ...(history === undefined ? {} : { history }),
    ...(lastExit === undefined ? {} : { lastExit }),
    ...(ready === undefined ? {} : { readySince: ready.at }),
    ...(usage === undefined ? {} : { usage }),
  };
}

/** What the last supervisor has left. */
function withoutSupervisor(
  files: ObservingFiles,
  place: ServicePlace,
  status: StatusRecord | undefined,
  processes: ProcessTable | undefined,
): Seen {
  const history = readHistory(files, place);
  const lastExit = history && exitsIn(history).at(-1);
  const past = {
    ...(history === undefined ? {} : { history }),
    ...(lastExit === undefined ? {} : { lastExit }),
  };
  if (status === undefined || status.pid === 0) return { state: "not supervised", ...past };
  const since = stampOf(status);
  const entry = processes?.get(status.pid);
  const bootSeconds = processes?.bootSeconds;
  const isTheSame = entry !== undefined && bootSeconds !== undefined &&
    Math.abs(bootSeconds + entry.startSeconds - since.seconds) <= START_TOLERANCE_SECONDS;
  if (!isTheSame) return { state: "not supervised", ...past };
  const usage = processes?.usageOf(status.pid);
  return {
    state: "orphaned",
    pid: status.pid,
    since,
    ...past,
    ...(usage === undefined ? {} : { usage }),
  };
}

/** Whether there is a directory, or a link to one. */
export function isDirectory(files: Pick<Files, "stat">, path: string): boolean {
  try {
    return files.stat(CWD, path).kind === "directory";
  } catch (error) {
    if (error instanceof SystemError) return false;
    throw error;
  }
}
