/** Manual pages, read as the tests want them. */

import { namesIn } from "./temp.ts";
import { ROOT } from "./tools.ts";

/** The directory of the pages. */
export const MANUAL_DIR = `${ROOT}/scripts/install/man`;

/** One `.TP` entry of a section. */
export interface ManualEntry {
  /** Its heading, without fonts. */
  readonly tag: string;
  /** The lines below. */
  readonly lines: readonly string[];
}

/** How many times as long examples sleep in a test, where much else may run beside them. */
const PATIENCE = 3;

/** An example that leaves a busy machine time for what it sleeps for. */
export function unhurried(example: string): string {
  return example.replace(/\bsleep ([\d.]+)/g, (_, time) => `sleep ${Number(time) * PATIENCE}`);
}

/** The page's text. */
export async function readManual(name: string, section = 8): Promise<string> {
  return await Deno.readTextFile(`${MANUAL_DIR}/${name}.${section}`);
}

/** The pages of section 8 about subcommands, by name, without those that only name another. */
export async function verbPages(): Promise<string[]> {
  const names = namesIn(MANUAL_DIR).filter((name) => /^daemontools-.*\.8$/.test(name))
    .map((name) => name.replace(/\.8$/, ""));
  const pages = await Promise.all(names.map((name) => readManual(name)));
  return names.filter((_, index) => !pages[index]!.startsWith(".so "));
}

/** The sections of a page by their headings. */
export function sectionsOf(page: string): Map<string, string> {
  const parts = page.split(/^\.SH /m).slice(1);
  return new Map(parts.map((part) => {
    const end = part.indexOf("\n");
    return [part.slice(0, end).replaceAll('"', ""), part.slice(end + 1)];
  }));
}

/** The pages of sections 7 and 8 that a page refers to, as in `svc(8)`, by their files. */
export function referencesOf(page: string): string[] {
  const plain = page.replaceAll("\\-", "-").replace(/\\f./g, "").replace(/^\.\w+ /gm, "");
  return [...plain.matchAll(/([\w-]+) ?\(([78])\)/g)].map(([, name, section]) =>
    `${name}.${section}`
  );
}

/** What a line says, without macros and fonts. */
export function plainText(line: string): string {
  const words = line.replace(/^\.[BIR]{1,2} /, "");
  const joined = /^\.(?:BR|RB|BI|IB|IR|RI) /.test(line)
    ? [...words.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain).join("")
    : words.replaceAll('"', "");
  return unescaped(joined.replace(/\\f./g, ""));
}

function unescaped(text: string): string {
  return text.replaceAll("\\&", "").replaceAll("\\-", "-").replaceAll("\\e", "\\");
}

/** The `.TP` entries of a section. */
export function entriesOf(section: string): ManualEntry[] {
  return section.split(/^\.TP\n/m).slice(1).map((part) => {
    const [tag = "", ...lines] = part.split("\n");
    return { tag: plainText(tag), lines };
  });
}

/** The examples of a section, as they are pasted. */
export function examplesOf(section: string): string[] {
  return [...section.matchAll(/^\.EX\n([^]*?)^\.EE$/gm)].map(([, text = ""]) => unescaped(text));
}
