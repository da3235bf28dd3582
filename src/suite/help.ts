/** daemontools help: manual pages, and the overview. */

import { decode } from "../base/bytes.ts";
import { EXIT_OK } from "../base/exit_codes.ts";
import { SUITE_NAME } from "../base/invocation.ts";
import { renderManual } from "../base/manual.ts";
import { usage } from "../base/messages.ts";
import { print } from "../system/context.ts";
import type { FileKernel } from "../system/kernel.ts";
import { manualSource } from "./carried.ts";
import type { VerbContext } from "./command.ts";
import { GUIDES } from "./guides.ts";
import { overview } from "./overview.ts";
import { showInPager } from "./pager.ts";
import { PROGRAMS } from "./registry.ts";
import { unknownWord } from "./unknown_word.ts";

const PLAIN_WIDTH = 80;
const WIDEST = 100;
const TOPICS = [SUITE_NAME, ...Object.keys(PROGRAMS), ...Object.keys(GUIDES)];

/** Shows the page that the argument names; the overview without one. */
export async function run(context: VerbContext<FileKernel>): Promise<number> {
  const [topic, ...excess] = context.args.map((word) => decode(word));
  const text = topic === undefined ? overview(context.verbs) : await manualOf(topic);
  if (excess.length > 0) usage(context.usage);
  if (text === undefined) {
    unknownWord("topic", topic!, [
      ...TOPICS,
      ...Object.keys(context.verbs).filter((name) => !context.verbs[name]?.isInternal),
    ]);
  }
  if (!await showInPager(text)) print(context, text);
  return EXIT_OK;
}

async function manualOf(topic: string): Promise<string | undefined> {
  const source = await manualSource(topic);
  if (source === undefined) return undefined;
  const styled = Deno.stdout.isTerminal();
  const width = styled ? Math.min(Deno.consoleSize().columns || PLAIN_WIDTH, WIDEST) : PLAIN_WIDTH;
  return renderManual(source, { width, styled });
}
