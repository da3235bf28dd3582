/** daemontools metrics: what is known of services, for Prometheus and its like. */

import { encode } from "../../base/bytes.ts";
import { errnoText } from "../../base/errno.ts";
import { EXIT_FAILURE, EXIT_OK } from "../../base/exit_codes.ts";
import { CWD } from "../../base/kernel_constants.ts";
import { ProgramEnd } from "../../base/messages.ts";
import { SystemError, unlessMissing } from "../../base/system_error.ts";
import { readCommandLine, wrongCall } from "../../console/command_line.ts";
import { absolutePath, Services } from "../../console/services.ts";
import { sayMissingRights } from "../../console/rights.ts";
import { fileErrorText } from "../../console/file_error.ts";
import { logDirectoriesOf, oldLogNames } from "../../observation/log_directories.ts";
import { readLogFile } from "../../observation/log_reader.ts";
import { type LogSize, type Measured, openMetrics, textFormat } from "../../observation/metrics.ts";
import { observe } from "../../observation/observe.ts";
import { ProcessTable } from "../../observation/process_table.ts";
import { complain, type Context, print } from "../../system/context.ts";

const NEWLINE = 0x0a;
const HELP = `Prints OpenMetrics 1.0.

      --textfile FILE  write FILE (beside it first) in the format of the node
                       exporter's textfile collector, whose files are *.prom
`;

/** Prints or writes metrics; with no NAME of all services. */
export async function run(context: Context): Promise<number> {
  const line = readCommandLine(context, { valued: ["textfile"], help: HELP });
  const { kernel, program } = context;
  const services = new Services(context, line);
  try {
    const { places, unknown } = line.names.length === 0
      ? { places: services.all(), unknown: [] }
      : services.find(line.names);
    for (const each of unknown) complain(kernel, encode(`${program}: ${each}\n`));
    const processes = ProcessTable.read(kernel);
    const measured: Measured[] = [];
    for (const place of places) {
      const observation = observe(kernel, place, processes);
      measured.push({ observation, log: await sizeOfLog(context, place.path) });
    }
    const file = line.value("textfile");
    if (file === undefined) print(context, openMetrics(measured, kernel.now()));
    else if (file.endsWith("/")) wrongCall(context, `${file}: that is no file`);
    else replace(absolutePath(file), textFormat(measured, kernel.now()));
    sayMissingRights(context, measured.map(({ observation }) => observation));
    return unknown.length > 0 ? EXIT_FAILURE : EXIT_OK;
  } catch (error) {
    if (!(error instanceof SystemError)) throw error;
    if (error.call === "write") throw error;
    const text = `${program}: unable to read ${services.where}: ${errnoText(error.errno)}\n`;
    throw new ProgramEnd(EXIT_FAILURE, encode(text));
  }
}

/** Whoever reads it meanwhile sees the old file or the new one, never half of one. */
function replace(path: string, text: string): void {
  const beside = `${path}.${Deno.pid}`;
  try {
    Deno.writeTextFileSync(beside, text, { mode: 0o644 });
    Deno.renameSync(beside, path);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    throw new ProgramEnd(
      EXIT_FAILURE,
      encode(`daemontools: unable to write ${path}: ${fileErrorText(error)}\n`),
    );
  }
}

/** What a service's logs hold; undefined when it has none that can be read. */
async function sizeOfLog({ kernel }: Context, path: string): Promise<LogSize | undefined> {
  try {
    const directories = logDirectoriesOf(kernel, path);
    if (directories.length === 0) return undefined;
    let [bytes, files, currentBytes, currentLines] = [0, 0, 0, 0];
    for (const directory of directories) {
      const current = await readLogFile(kernel, `${directory}/current`);
      for (const byte of current) if (byte === NEWLINE) currentLines++;
      currentBytes += current.length;
      bytes += current.length;
      files++;
      for (const name of oldLogNames(kernel, directory)) {
        // The oldest may be removed meanwhile.
        bytes += unlessMissing(() => kernel.stat(CWD, `${directory}/${name}`).size) ?? 0;
        files++;
      }
    }
    return { bytes, files, currentBytes, currentLines };
  } catch (error) {
    if (error instanceof SystemError) return undefined;
    throw error;
  }
}
