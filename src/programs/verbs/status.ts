/** daemontools status: how services are, in a table, in full, or as JSON. */

import { EXIT_OK } from "../../base/exit_codes.ts";
import { decode, encode } from "../../base/bytes.ts";
import { ProgramEnd } from "../../base/messages.ts";
import { errnoText } from "../../base/errno.ts";
import { SystemError } from "../../base/system_error.ts";
import { type CommandLine, readCommandLine, wrongCall } from "../../console/command_line.ts";
import { localTimeText, LogText } from "../../console/log_text.ts";
import { openScreen, type Screen } from "../../console/screen.ts";
import { sayMissingRights } from "../../console/rights.ts";
import { runTrouble } from "../../console/run_trouble.ts";
import { Services } from "../../console/services.ts";
import { fullStatus } from "../../console/status_full.ts";
import { type EarlierUse, statusTable } from "../../console/status_table.ts";
import { shorten } from "../../console/table.ts";
import { logDirectoriesOf } from "../../observation/log_directories.ts";
import { mergeLogs } from "../../observation/log_merge.ts";
import { readLog } from "../../observation/log_reader.ts";
import { type Observation, observe } from "../../observation/observe.ts";
import { ProcessTable } from "../../observation/process_table.ts";
import { isAsWanted } from "../../observation/state.ts";
import { STATUS_JSON_VERSION, statusJson } from "../../observation/status_json.ts";
import { complain, type Context, print } from "../../system/context.ts";

/** Something is not as it is wanted. */
const EXIT_NOT_AS_WANTED = 3;
/** Something is unknown, or cannot be reached. */
const EXIT_UNKNOWN = 4;
const WATCH_INTERVAL_MS = 2000;
const LOG_LINES = 10;

const HELP = `With no NAME, all services. With one NAME, everything about it, and its last
log lines.

  -j, --json           as JSON: {"version": 1, "services": [...]}
  -t, --table          the table, also for one NAME
  -w, --watch          look again every two seconds, until you press Ctrl-C
`;

/** What is looked at. */
interface Subject {
  readonly observations: readonly Observation[];
  readonly unknown: readonly string[];
  readonly where: string;
}

/** Prints how services are. */
export async function run(context: Context): Promise<number> {
  const line = readCommandLine(context, {
    flags: ["json", "table", "watch"],
    letters: { j: "json", t: "table", w: "watch" },
    help: HELP,
  });
  if (line.rest !== undefined) wrongCall(context, "nothing is expected behind --");
  if (line.flag("watch")) return await watch(context, line);
  const subject = look(context, line);
  const { observations, unknown } = subject;
  for (const each of unknown) say(context, each);
  if (line.flag("json")) printJson(context, observations);
  else if (isOne(line) && observations.length === 1) {
    await printFull(context, observations[0]!, openScreen(context));
  } else if (observations.length > 0) {
    const screen = openScreen(context);
    print(context, `${statusTable(observations, context.kernel.now(), screen).join("\n")}\n`);
  } else if (unknown.length === 0) say(context, `no services in ${subject.where}`);
  sayMissingRights(context, observations);
  return exitCodeFor(subject);
}

function isOne(line: CommandLine): boolean {
  return line.names.length === 1 && !line.flag("table");
}

function look(context: Context, line: CommandLine): Subject {
  const services = new Services(context, line);
  const { kernel } = context;
  try {
    const { places, unknown } = line.names.length === 0
      ? { places: services.all(), unknown: [] }
      : services.find(line.names);
    const processes = ProcessTable.read(kernel);
    const observations = places.map((place) => observe(kernel, place, processes));
    return { observations, unknown, where: services.where };
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    const text = `${context.program}: unable to read ${services.where}: ${
      errnoText(error.errno)
    }\n`;
    throw new ProgramEnd(EXIT_UNKNOWN, encode(text));
  }
}

function say(context: Context, sentence: string): void {
  complain(context.kernel, encode(`${context.program}: ${sentence}\n`));
}

function exitCodeFor({ observations, unknown }: Subject): number {
  const all = observations.flatMap((each) => [each, ...each.logger ? [each.logger] : []]);
  const isUnknown = ({ state }: Observation): boolean =>
    state === "unknown" || state === "not supervised" || state === "orphaned";
  if (unknown.length > 0 || all.length === 0 || all.some(isUnknown)) return EXIT_UNKNOWN;
  return all.every(({ state, want }) => isAsWanted(state, want)) ? EXIT_OK : EXIT_NOT_AS_WANTED;
}

function printJson(context: Context, observations: readonly Observation[]): void {
  const now = context.kernel.now();
  const services = observations.map((each) => statusJson(each, now));
  print(context, `${JSON.stringify({ version: STATUS_JSON_VERSION, services }, null, 2)}\n`);
}

async function printFull(
  context: Context,
  observation: Observation,
  screen: Screen,
): Promise<void> {
  const { kernel } = context;
  const text = new LogText(kernel, screen, "local");
  const directories = logDirectoriesOf(kernel, observation.place.path);
  const logs = await Promise.all(
    directories.map((directory) => readLogIfPossible(context, directory)),
  );
  const lines = mergeLogs(logs).slice(-LOG_LINES).map((each) => decode(text.show(each)).trimEnd());
  const described = fullStatus(observation, {
    now: kernel.now(),
    localTime: (at) => localTimeText(kernel, at),
    screen,
    runTrouble: runTrouble(context, observation),
    logLines: directories.length === 0 ? undefined : lines,
  });
  print(context, `${described.join("\n")}\n`);
}

async function readLogIfPossible({ kernel }: Context, directory: string) {
  try {
    return await readLog(kernel, directory, { last: LOG_LINES });
  } catch (error) {
    if (error instanceof SystemError) return [];
    throw error;
  }
}

/** Draws the table again and again, over itself where the terminal can do that. */
async function watch(context: Context, line: CommandLine): Promise<number> {
  const { kernel } = context;
  let earlier: EarlierUse | undefined;
  for (;;) {
    const { observations, unknown } = look(context, line);
    const now = kernel.now();
    const screen = openScreen(context);
    const lines = [
      ...statusTable(observations, now, screen, earlier),
      ...unknown.map((each) => shorten(each, screen.columns ?? Infinity)),
    ];
    print(context, screen.isCapable ? redrawn(lines, screen) : `${lines.join("\n")}\n\n`);
    earlier = { at: now, cpuSeconds: cpuSecondsOf(observations) };
    await new Promise((resolve) => setTimeout(resolve, WATCH_INTERVAL_MS));
  }
}

/** From the top left corner, each line to its end, and nothing of what was below. */
function redrawn(lines: readonly string[], { rows = lines.length + 1 }: Screen): string {
  const room = Math.max(2, rows - 1);
  const shown = lines.length <= room
    ? lines
    : [...lines.slice(0, room - 1), `... and ${lines.length - room + 1} more`];
  return `\x1b[H${shown.map((each) => `${each}\x1b[K\n`).join("")}\x1b[J`;
}

function cpuSecondsOf(observations: readonly Observation[]): Map<number, number> {
  const used = new Map<number, number>();
  for (const { pid, usage } of observations) {
    if (pid !== undefined && usage !== undefined) used.set(pid, usage.cpuSeconds);
  }
  return used;
}
