/** The manual pages: complete, in step with the programs, well-formed. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { existsSync } from "@std/fs/exists";
import { PROGRAMS } from "../../src/suite/registry.ts";
import {
  entriesOf,
  examplesOf,
  MANUAL_DIR,
  readManual,
  referencesOf,
  sectionsOf,
} from "../support/manual.ts";
import { isReference, ROOT, run } from "../support/tools.ts";
import { namesIn, tempDir } from "../support/temp.ts";

const NAMES = ["daemontools", ...Object.keys(PROGRAMS)];
const SECTIONS = [
  "NAME",
  "SYNOPSIS",
  "DESCRIPTION",
  "OPTIONS",
  "FILES",
  "SIGNALS",
  "EXIT STATUS",
  "EXAMPLES",
  "DIFFERENCES",
  "SEE ALSO",
];
const LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+=";
/** The programs that have option letters. The others take their arguments as they are. */
const WITH_LETTERS = ["svc", "setlock", "softlimit"];
const hasMandoc = existsSync("/usr/bin/mandoc");

/** Names of `-x` and `--long` options in a text. */
function optionsIn(text: string): string[] {
  return [...text.matchAll(/(?<![\w-])(?:--?[A-Za-z][A-Za-z-]*|-[\d+=](?!\w))/g)].map(([option]) =>
    option
  );
}

async function documentedOptions(name: string): Promise<string[]> {
  const section = sectionsOf(await readManual(name)).get("OPTIONS") ?? "";
  return entriesOf(section).flatMap(({ tag }) => optionsIn(tag)).sort();
}

for (const name of NAMES) {
  Deno.test(`${name}(8) has every section, in order`, async () => {
    const sections = [...sectionsOf(await readManual(name)).keys()];
    assertEquals(sections, SECTIONS);
  });

  Deno.test(`${name}(8) names itself as the table of programs does`, async () => {
    const page = await readManual(name);
    assert(page.startsWith(`.TH ${name.toUpperCase()} 8 `), page.slice(0, 40));
    const summary = sectionsOf(page).get("NAME") ?? "";
    if (name in PROGRAMS) assertEquals(summary.trim(), `${name} \\- ${PROGRAMS[name]!.summary}`);
    assertStringIncludes(sectionsOf(page).get("SYNOPSIS") ?? "", `.B ${name}`);
  });
}

Deno.test("manual pages of section 8 are there for every program and no other", () => {
  const pages = namesIn(MANUAL_DIR).filter((name) => /^(?!daemontools-).*\.8$/.test(name));
  assertEquals(pages.toSorted(), NAMES.map((name) => `${name}.8`).toSorted());
});

Deno.test("manual pages refer to pages that are there", async () => {
  const pages = namesIn(MANUAL_DIR);
  for (const page of pages) {
    const references = referencesOf(await Deno.readTextFile(`${MANUAL_DIR}/${page}`));
    assertEquals(references.filter((name) => !pages.includes(name)), [], page);
  }
});

Deno.test({
  name: "mandoc finds nothing to say about the manual pages",
  ignore: !hasMandoc,
  fn: async () => {
    const isPage = (file: string): boolean => !Deno.readTextFileSync(file).startsWith(".so ");
    const files = namesIn(MANUAL_DIR).map((name) => `${MANUAL_DIR}/${name}`).filter(isPage);
    const { stdout, stderr } = await run("/usr/bin/mandoc", ["-T", "lint", ...files]);
    assertEquals(stdout + stderr, "");
  },
});

for (const name of WITH_LETTERS) {
  Deno.test(`${name}(8) documents the options that ${name} takes, and no other`, async () => {
    await using dir = await tempDir();
    const known = [];
    for (const letter of LETTERS) {
      const { stderr } = await run(name, [`-${letter}`], { cwd: dir.path });
      if (!stderr.includes("illegal option")) known.push(`-${letter}`);
    }
    assertEquals(await documentedOptions(name), known.sort());
  });
}

Deno.test("manual pages document options for programs that have some only", async () => {
  for (const [name, { usage }] of Object.entries(PROGRAMS)) {
    if (WITH_LETTERS.includes(name) || name === "multilog") continue;
    const section = sectionsOf(await readManual(name)).get("OPTIONS") ?? "";
    const taken = usage.match(/--[\w-]+=|(?<=\[ )-\w(?= \])/g) ?? [];
    if (taken.length === 0) assertEquals(section.trim(), "None.", name);
    const documented = section.replaceAll("\\-", "-").match(/^\.BI? (--[\w-]+=|-\w$)/gm) ?? [];
    assertEquals(documented.map((line) => line.replace(/^\.BI? /, "")), taken, name);
  }
});

Deno.test("multilog(8) documents the actions that multilog knows, and no other", async () => {
  const source = await Deno.readTextFile(`${ROOT}/src/logging/script.ts`);
  const letters = [...source.matchAll(/^ +case "(.)":$/gm)].map(([, letter = ""]) => letter);
  const words = [...source.matchAll(/word(?: === |\.startsWith\()"(\w+=\w*)"/g)]
    .map(([, word = ""]) => word);
  assert(letters.length > 5 && words.length > 3);
  const section = sectionsOf(await readManual("multilog")).get("OPTIONS") ?? "";
  const tags = entriesOf(section).flatMap(({ tag }) => tag.split(", "));
  const isOwn = (tag: string): boolean => /^\w+=/.test(tag);
  assertEquals(
    tags.filter(isOwn).map((tag) => words.find((word) => tag.startsWith(word)) ?? tag).sort(),
    words.sort(),
  );
  assertEquals(tags.filter((tag) => !isOwn(tag)).map((tag) => tag[0]!).sort(), letters.sort());
});

Deno.test({
  name: "daemontools(8) documents the options of install and uninstall, and no other",
  ignore: isReference,
  fn: async () => {
    const known = new Set(["--list", "--version", "--help"]);
    for (const script of ["install", "uninstall"]) {
      const text = await Deno.readTextFile(`${ROOT}/scripts/${script}.sh`);
      const parsed = [...text.matchAll(/^ {4}(--[a-z-]+)=?\*?\)/gm)].map(([, option = ""]) =>
        option
      );
      assert(parsed.length > 3);
      for (const option of parsed) known.add(option);
    }
    const page = sectionsOf(await readManual("daemontools")).get("OPTIONS") ?? "";
    assertEquals([...new Set(optionsIn(page.replaceAll("\\-", "-")))].sort(), [...known].sort());
  },
});

Deno.test("examplesOf() reads the examples of the manual pages", async () => {
  for (const name of NAMES) {
    const examples = examplesOf(sectionsOf(await readManual(name)).get("EXAMPLES") ?? "");
    assert(examples.length > 0, `${name}(8) has no example`);
  }
});
