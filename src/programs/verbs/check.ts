/** daemontools check: find what is wrong with services, why, and what to do. */

import { encode } from "../../base/bytes.ts";
import { errnoText } from "../../base/errno.ts";
import { EXIT_FAILURE, EXIT_OK } from "../../base/exit_codes.ts";
import { ProgramEnd } from "../../base/messages.ts";
import { SystemError } from "../../base/system_error.ts";
import { readCommandLine } from "../../console/command_line.ts";
import { openScreen, withoutControls } from "../../console/screen.ts";
import { lastWords } from "../../console/last_words.ts";
import { Services } from "../../console/services.ts";
import { isForbidden, sayMissingRights } from "../../console/rights.ts";
import { checkEnds, hasTrouble, recentEnds } from "../../observation/checks/end_checks.ts";
import type { Finding } from "../../observation/checks/finding.ts";
import { checkLog } from "../../observation/checks/log_checks.ts";
import { checkProcesses, findStrays } from "../../observation/checks/process_checks.ts";
import { checkRun } from "../../observation/checks/run_checks.ts";
import { checkTree } from "../../observation/checks/tree_checks.ts";
import { type Observation, observe } from "../../observation/observe.ts";
import { ProcessTable } from "../../observation/process_table.ts";
import { complain, type Context, print } from "../../system/context.ts";

/** Something was found. */
const EXIT_FINDINGS = 1;
const JSON_VERSION = 1;
const HELP = `Says what is wrong, and what to do. Changes nothing.

  -j, --json           as JSON: {"version": 1, "findings": [...]}
`;

/** Checks services; with no NAME all of them, and their directory. */
export async function run(context: Context): Promise<number> {
  const line = readCommandLine(context, { flags: ["json"], letters: { j: "json" }, help: HELP });
  const services = new Services(context, line);
  const { findings, count, unknown, observations } = await findAll(context, services, line.names);
  for (const each of unknown) complain(context.kernel, encode(`${context.program}: ${each}\n`));
  if (line.flag("json")) {
    const json = findings.map(({ service = null, ...others }) => ({ service, ...others }));
    print(context, `${JSON.stringify({ version: JSON_VERSION, findings: json }, null, 2)}\n`);
  } else if (count > 0 || unknown.length === 0) {
    const services = `${count} ${count === 1 ? "service" : "services"}`;
    const limit = observations.some(isForbidden) ? ", as far as this user may look" : "";
    printFindings(context, findings, services + limit);
  }
  sayMissingRights(context, observations);
  return findings.length > 0 || unknown.length > 0 ? EXIT_FINDINGS : EXIT_OK;
}

async function findAll(context: Context, services: Services, names: readonly string[]) {
  const { kernel } = context;
  try {
    const isAll = names.length === 0;
    const { places, unknown } = isAll
      ? { places: services.all(), unknown: [] }
      : services.find(names);
    const processes = ProcessTable.read(kernel);
    const isRoot = Deno.uid() === 0;
    const strays = findStrays(kernel, processes);
    const observations = places.map((place) => observe(kernel, place, processes));
    const { directories } = services;
    const ends = await Promise.all(
      observations.flatMap((each) => each.logger === undefined ? [each] : [each, each.logger])
        .map((each) => checkEndsOf(context, each)),
    );
    const findings = [
      ...checkTree(kernel, { isAll, directories, observations, processes, isRoot }),
      ...observations.flatMap((observation): Finding[] => {
        const subject = { observation, processes, strays, isRoot };
        const { logger } = observation;
        return [
          ...checkRun(kernel, subject),
          ...checkProcesses(kernel, subject),
          ...logger === undefined ? [] : checkRun(kernel, { ...subject, observation: logger }),
          ...checkLog(kernel, subject),
        ];
      }),
      ...ends.flat(),
    ];
    return { findings, unknown, observations, count: places.length };
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    const text = `${context.program}: unable to read ${services.where}: ${
      errnoText(error.errno)
    }\n`;
    throw new ProgramEnd(EXIT_FAILURE, encode(text));
  }
}

async function checkEndsOf(context: Context, observation: Observation): Promise<Finding[]> {
  const now = context.kernel.now();
  if (!hasTrouble(observation, now)) return [];
  const since = recentEnds(observation, now)[0]?.at ?? observation.lastExit?.at ?? now;
  return checkEnds(observation, now, await lastWords(context, observation.place, since));
}

function printFindings(context: Context, findings: readonly Finding[], services: string): void {
  const { paint } = openScreen(context);
  if (findings.length === 0) return print(context, `checked ${services}: nothing found\n`);
  const lines = findings.map(({ service, problem, advice }) => {
    const name = service === undefined ? "" : `${paint("strong", service)}: `;
    return `${name}${paint("bad", withoutControls(problem))}\n    ${withoutControls(advice)}\n`;
  });
  print(context, lines.join(""));
}
