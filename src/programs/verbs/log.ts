/** daemontools log: what services have logged, and what they log. */

import { concat, decode, encode } from "../../base/bytes.ts";
import { errnoText } from "../../base/errno.ts";
import { EXIT_OK } from "../../base/exit_codes.ts";
import { ProgramEnd } from "../../base/messages.ts";
import { SystemError } from "../../base/system_error.ts";
import type { Timestamp } from "../../base/tai64n.ts";
import { type CommandLine, readCommandLine, wrongCall } from "../../console/command_line.ts";
import { follow, named, type NamedLine } from "../../console/following.ts";
import { LogText, type TimeForm } from "../../console/log_text.ts";
import { openScreen } from "../../console/screen.ts";
import { isPattern, Services } from "../../console/services.ts";
import { parseTime } from "../../console/since.ts";
import { hasForbiddenLog, logDirectoriesOf } from "../../observation/log_directories.ts";
import { mergeLogs } from "../../observation/log_merge.ts";
import { type LogLine, type LogQuery, readLog } from "../../observation/log_reader.ts";
import type { ServicePlace } from "../../observation/observe.ts";
import { complain, type Context, print } from "../../system/context.ts";

/** A service is unknown, or has no log. */
const EXIT_NO_LOG = 1;
const LAST_LINES = 20;
/** Names get at most this much room in front of lines. */
const WIDEST_NAME = 20;

const HELP = `Prints the last lines that services have logged, those of several by their time.

  -f, --follow         go on with what is logged from now on
  -n, --lines N        the last N lines, or "all" (20 unless given;
                       all with --since or --grep)
      --since TIME     lines since then: 10m, 2h, 14:30, yesterday,
                       "2026-01-31 14:30"
      --grep TEXT      only lines with TEXT in them
      --utc            times in UTC
      --raw            lines as they stand in the log
`;

/** Prints log lines. */
export async function run(context: Context): Promise<number> {
  const line = readCommandLine(context, {
    flags: ["follow", "utc", "raw"],
    valued: ["lines", "since", "grep"],
    letters: { f: "follow", n: "lines" },
    help: HELP,
  });
  if (line.flag("utc") && line.flag("raw")) {
    wrongCall(context, "--utc and --raw exclude each other");
  }
  const services = new Services(context, line);
  const places = (): { places: ServicePlace[]; unknown: string[] } =>
    line.names.length === 0
      ? { places: readable(context, services, line.flag("follow")), unknown: [] }
      : services.find(line.names);
  const query = readQuery(context, line);
  const { places: first, unknown } = places();
  for (const each of unknown) say(context, each);
  const forbidden = first.filter(({ path }) => isForbidden(context, path));
  if (forbidden.length > 0) {
    const names = forbidden.map(({ name }) => name).join(", ");
    say(context, `no right to read the log of ${names}: ask as root`);
  }
  const show = shower(context, line, first);
  if (line.flag("follow")) {
    // What a pattern fits may come later.
    const mayCome = first.length > 0 || line.names.some(isPattern);
    if (unknown.length > 0 && !mayCome) return EXIT_NO_LOG;
    await follow(context, {
      places: () => places().places,
      directories: services.directories,
      last: query.last ?? Infinity,
      since: query.since,
      keep: query.keep ?? (() => true),
      show,
    });
  }
  const logs: NamedLine[][] = [];
  let isComplete = unknown.length === 0 && forbidden.length === 0;
  for (const place of first) {
    if (forbidden.includes(place)) continue;
    const found = await readLogsOf(context, place, query);
    if (found === undefined) isComplete = line.names.length === 0 && isComplete;
    else logs.push(...found);
  }
  const lines = mergeLogs(logs);
  show(lines.slice(Math.max(0, lines.length - (query.last ?? Infinity))));
  return isComplete ? EXIT_OK : EXIT_NO_LOG;
}

function say({ program, kernel }: Context, sentence: string): void {
  complain(kernel, encode(`${program}: ${sentence}\n`));
}

/** Whether there is no log of a service that this user may read, but one that he may not. */
function isForbidden({ kernel }: Context, path: string): boolean {
  return logDirectoriesOf(kernel, path).length === 0 && hasForbiddenLog(kernel, path);
}

/** All services. A directory that is missing may come, if it is waited for. */
function readable(context: Context, services: Services, mayCome: boolean): ServicePlace[] {
  try {
    return services.all();
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    if (mayCome) return [];
    const text = `${context.program}: unable to read ${services.where}: `;
    throw new ProgramEnd(EXIT_NO_LOG, encode(`${text}${errnoText(error.errno)}\n`));
  }
}

function readQuery(context: Context, line: CommandLine): LogQuery {
  const text = line.value("since");
  const since: Timestamp | undefined = text === undefined
    ? undefined
    : parseTime(text, context.kernel.now()) ??
      wrongCall(context, `--since ${text}: that is no time`);
  const grep = line.value("grep");
  const isAll = line.value("lines") === "all" ||
    (line.value("lines") === undefined && (since !== undefined || grep !== undefined));
  const last = isAll ? undefined : line.number("lines") ?? LAST_LINES;
  return {
    ...(last === undefined ? {} : { last: Math.floor(last) }),
    ...(since === undefined ? {} : { since }),
    ...(grep === undefined ? {} : { keep: (each: LogLine) => decode(each.text).includes(grep) }),
  };
}

/** The logs of a service; undefined, and said why, when there is none. */
async function readLogsOf(
  context: Context,
  { name, path }: ServicePlace,
  query: LogQuery,
): Promise<NamedLine[][] | undefined> {
  const { kernel } = context;
  try {
    const directories = logDirectoriesOf(kernel, path);
    if (directories.length === 0) {
      // Of all services some may have none; of one that is named it is said.
      if (context.args.some((word) => decode(word) === name)) say(context, `${name}: has no log`);
      return undefined;
    }
    const logs = await Promise.all(directories.map((each) => readLog(kernel, each, query)));
    return logs.map((lines) => named(name, lines));
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    say(context, `${name}: unable to read its log: ${errnoText(error.errno)}`);
    return undefined;
  }
}

/** Shows lines, with names where there may be several services. */
function shower(context: Context, line: CommandLine, places: readonly ServicePlace[]) {
  const form: TimeForm = line.flag("raw") ? "raw" : line.flag("utc") ? "utc" : "local";
  const text = new LogText(context.kernel, openScreen(context), form);
  const isOne = line.names.length === 1 && places.length === 1 && !isPattern(line.names[0]!);
  let width = 0;
  return (lines: readonly NamedLine[]): void => {
    if (lines.length === 0) return;
    for (const { name } of lines) width = Math.max(width, Math.min(WIDEST_NAME, name.length));
    const pieces = lines.map((each) => text.show(each, isOne ? undefined : { ...each, width }));
    print(context, concat(...pieces));
  };
}
