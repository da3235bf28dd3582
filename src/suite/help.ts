/** daemontools help: manual pages, and the overview. */

import { decode, encode } from "../base/bytes.ts";
import { EXIT_OK, EXIT_USAGE } from "../base/exit_codes.ts";
import { renderManual } from "../base/manual.ts";
import { ProgramEnd } from "../base/messages.ts";
import { print } from "../system/context.ts";
import type { FileKernel } from "../system/kernel.ts";
import { manualSource } from "./carried.ts";
import type { VerbContext } from "./command.ts";
import { overview } from "./overview.ts";
import { showInPager } from "./pager.ts";

const PLAIN_WIDTH = 80;
const WIDEST = 100;

/** Shows the page that the argument names; the overview without one. */
export async function run(context: VerbContext<FileKernel>): Promise<number> {
  const [topic, ...excess] = context.args.map((word) => decode(word));
  const text = topic === undefined ? overview(context.verbs) : manualOf(topic);
  if (text === undefined || excess.length > 0) {
    throw new ProgramEnd(EXIT_USAGE, encode(overview(context.verbs)));
  }
  if (!await showInPager(text)) print(context, text);
  return EXIT_OK;
}

function manualOf(topic: string): string | undefined {
  const source = manualSource(topic);
  if (source === undefined) return undefined;
  const styled = Deno.stdout.isTerminal();
  const width = styled ? Math.min(Deno.consoleSize().columns, WIDEST) : PLAIN_WIDTH;
  return renderManual(source, { width, styled });
}
