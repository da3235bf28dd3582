/** The manual pages of section 7 and README.md: complete, and in step with the tables. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { GUIDES } from "../../src/suite/guides.ts";
import { PROGRAMS } from "../../src/suite/registry.ts";
import { VERBS } from "../../src/suite/verbs.ts";
import { entriesOf, MANUAL_DIR, readManual, sectionsOf } from "../support/manual.ts";
import { waitForUp, writeService } from "../support/service.ts";
import { isReference, ROOT, run, start } from "../support/tools.ts";
import { namesIn, tempDir } from "../support/temp.ts";

const MAX_README_LINES = 200;

Deno.test("the pages of section 7 are those of the table", () => {
  const pages = namesIn(MANUAL_DIR).filter((name) => name.endsWith(".7"));
  assertEquals(pages.toSorted(), Object.keys(GUIDES).map((name) => `daemontools-${name}.7`).sort());
});

Deno.test("no page of section 7 has the name of a tool or a subcommand", () => {
  const taken = (name: string): boolean =>
    Object.hasOwn(PROGRAMS, name) || Object.hasOwn(VERBS, name);
  assertEquals(Object.keys(GUIDES).filter(taken), []);
});

for (const [name, summary] of Object.entries(GUIDES)) {
  const page = `daemontools-${name}`;

  Deno.test(`${page}(7) has its sections, and names itself as the table does`, async () => {
    const source = await readManual(page, 7);
    assert(source.startsWith(`.TH ${page.toUpperCase()} 7 `), source.slice(0, 60));
    const sections = sectionsOf(source);
    const headings = [...sections.keys()];
    assertEquals(headings.slice(0, 2), ["NAME", "DESCRIPTION"]);
    assertEquals(headings.at(-1), "SEE ALSO");
    assert(headings.length > 3, `it says nothing between ${headings.join(" and ")}`);
    assertEquals(sections.get("NAME"), `daemontools\\-${name} \\- ${summary}\n`);
  });
}

Deno.test({
  name: "daemontools help shows each page of section 7, by its short and its whole name",
  ignore: isReference,
  fn: async () => {
    const executable = `${ROOT}/build/daemontools`;
    const overview = await run(executable, ["help"]);
    for (const [name, summary] of Object.entries(GUIDES)) {
      const { code, stdout, stderr } = await run(executable, ["help", name]);
      assertEquals([code, stderr], [0, ""], name);
      assertStringIncludes(stdout, `DAEMONTOOLS-${name.toUpperCase()}(7)`);
      assertStringIncludes(stdout, "\nSEE ALSO\n");
      assertEquals(stdout.split("\n").filter((line) => /\\[-fe&]|^\./.test(line)), []);
      assertEquals(stdout.split("\n").filter((line) => line.length > 80), []);
      assertEquals((await run(executable, ["help", `daemontools-${name}`])).stdout, stdout);
      assertStringIncludes(overview.stdout, `\n${name.padEnd(17)}${summary}\n`);
    }
  },
});

Deno.test("README.md is short, and speaks of every program and every page", async () => {
  const readme = await Deno.readTextFile(`${ROOT}/README.md`);
  assert(readme.split("\n").length <= MAX_README_LINES + 1);
  const names = [...Object.keys(PROGRAMS), ...Object.keys(GUIDES)];
  assertEquals(names.filter((name) => !readme.includes(`\`${name}`)), []);
});

Deno.test({
  name: "daemontools-service(7) lists the files that a supervisor makes, and no other",
  ignore: isReference,
  fn: async () => {
    await using dir = await tempDir();
    const service = await writeService(dir.join("service"));
    await using supervise = start("supervise", [service]);
    await waitForUp(service);
    const section = sectionsOf(await readManual("daemontools-service", 7))
      .get("FILES OF THE SUPERVISOR") ?? "";
    const listed = entriesOf(section).map(({ tag }) => tag.replace("supervise/", ""));
    // What is being written has another name for a moment.
    const made = namesIn(`${service}/supervise`).filter((name) => !name.endsWith(".new"));
    assertEquals(listed.sort(), made);
    await run("svc", ["-dx", service]);
    await supervise.status;
  },
});
