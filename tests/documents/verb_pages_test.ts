/** The manual pages of the subcommands: one for each, with the options that it takes. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { VERBS } from "../../src/suite/verbs.ts";
import { entriesOf, readManual, sectionsOf, verbPages } from "../support/manual.ts";
import { writeService } from "../support/service.ts";
import { namesIn, tempDir } from "../support/temp.ts";
import { isReference, ROOT, run } from "../support/tools.ts";

const EXECUTABLE = `${ROOT}/build/daemontools`;
const SECTIONS = [
  "NAME",
  "SYNOPSIS",
  "DESCRIPTION",
  "OPTIONS",
  "EXIT STATUS",
  "EXAMPLES",
  "SEE ALSO",
];
/** What is about services; what is about the executable itself is in daemontools(8). */
const SERVICE_VERBS = Object.entries(VERBS)
  .filter(([, { load }]) => String(load).includes("programs/verbs/"))
  .map(([name]) => name);

function plain(text: string): string {
  return text.replaceAll("\\-", "-").replace(/\\f./g, "");
}

/** The verbs that a page names in its first section. */
async function verbsOf(page: string): Promise<string[]> {
  const name = plain(sectionsOf(await readManual(page)).get("NAME") ?? "").split(/\s- /)[0] ?? "";
  return name.trim().split(/,\s+/).map((word) => word.replace(/^daemontools-/, ""));
}

Deno.test("every subcommand about services is the subject of one manual page", async () => {
  const verbs = (await Promise.all((await verbPages()).map(verbsOf))).flat();
  assertEquals(verbs.sort(), SERVICE_VERBS.toSorted());
});

Deno.test({
  name: "daemontools-status(8) documents the members of its JSON, and no other",
  ignore: isReference,
  fn: async () => {
    await using dir = await tempDir();
    const service = await writeService(dir.join("services/web"));
    const { stdout } = await run(EXECUTABLE, ["status", "--json", "-C", dir.join("services")]);
    assertStringIncludes(stdout, service);
    const members = Object.keys(JSON.parse(stdout).services[0]);
    const section = sectionsOf(await readManual("daemontools-status")).get("JSON") ?? "";
    const documented = entriesOf(section).flatMap(({ tag }) => tag.split(", "));
    assertEquals(documented.sort(), members.sort());
  },
});

Deno.test({
  name: "daemontools-metrics(8) lists the metrics that there are, and no other",
  fn: async () => {
    const source = await Deno.readTextFile(`${ROOT}/src/observation/metrics.ts`);
    const known = [...source.matchAll(/^ {4}name: "(\w+)",$/gm)].map(([, name = ""]) => name);
    const section = sectionsOf(await readManual("daemontools-metrics")).get("DESCRIPTION") ?? "";
    const listed = entriesOf(section).flatMap(({ tag }) => tag.split(", "));
    assertEquals(listed.sort(), ["state", ...known].sort());
  },
});

Deno.test("daemontools-check(8) lists the findings that there are, and no other", async () => {
  const folder = `${ROOT}/src/observation/checks`;
  const sources = namesIn(folder).map((name) => Deno.readTextFileSync(`${folder}/${name}`));
  const known = [...sources.join("").matchAll(/(?:code: |code: \w+ \? |^ +: |add\()"([a-z-]+)"/gm)]
    .map(([, code = ""]) => code);
  const description = sectionsOf(await readManual("daemontools-check")).get("DESCRIPTION") ?? "";
  const codes = entriesOf(description).flatMap(({ tag }) => tag.split(", "));
  assertEquals(codes.filter((code) => !sources.join("").includes(`"${code}"`)), []);
  assertEquals(known.filter((code) => !codes.includes(code)), []);
});

for (const page of await verbPages()) {
  const verbs = await verbsOf(page);

  Deno.test(`${page}(8) has its sections, in order, and names itself as the table does`, async () => {
    const source = await readManual(page);
    assert(source.startsWith(`.TH ${page.toUpperCase()} 8 `), source.slice(0, 60));
    const sections = sectionsOf(source);
    const headings = [...sections.keys()];
    assertEquals(headings.filter((heading) => SECTIONS.includes(heading)), SECTIONS);
    const summary = plain(sections.get("NAME") ?? "").trim();
    if (verbs.length === 1) {
      assertEquals(summary, `${page} - ${VERBS[verbs[0]!]!.summary}`);
    }
    for (const verb of verbs) {
      assertStringIncludes(sections.get("SYNOPSIS") ?? "", `.B daemontools ${verb}\n`);
    }
  });

  Deno.test({
    name: `${page}(8) documents the options that its subcommands take, and no other`,
    ignore: isReference,
    fn: async () => {
      const taken = new Set<string>();
      for (const verb of verbs) {
        const { code, stdout } = await run(EXECUTABLE, [verb, "--help"]);
        assertEquals(code, 0);
        for (const [, options = ""] of stdout.matchAll(/^ {2,6}(-\S.*?)(?: {2}|$)/gm)) {
          taken.add(options);
        }
      }
      const section = sectionsOf(await readManual(page)).get("OPTIONS") ?? "";
      assertEquals(entriesOf(section).map(({ tag }) => tag).sort(), [...taken].sort());
    },
  });

  Deno.test({
    name: `daemontools help shows ${page}(8) for each of its subcommands`,
    ignore: isReference,
    fn: async () => {
      for (const verb of verbs) {
        const { code, stdout } = await run(EXECUTABLE, ["help", verb]);
        assertEquals(code, 0, verb);
        assertStringIncludes(stdout, `${page.toUpperCase()}(8)`);
        assertEquals(stdout.split("\n").filter((line) => line.length > 80), []);
      }
    },
  });
}
