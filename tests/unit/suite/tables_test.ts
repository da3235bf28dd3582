import { assertEquals } from "@std/assert";
import { PROGRAMS } from "../../../src/suite/registry.ts";
import { OPTION_VERBS, VERBS } from "../../../src/suite/verbs.ts";

const PROGRAM_FOLDER = new URL("../../../src/programs/", import.meta.url);
const commands = [...Object.entries(PROGRAMS), ...Object.entries(VERBS)];

/** Paths below src/programs, without `.ts`. */
function programFiles(folder: string): string[] {
  return [...Deno.readDirSync(new URL(folder, PROGRAM_FOLDER))].flatMap(({ name, isDirectory }) =>
    isDirectory ? programFiles(`${folder}${name}/`) : `${folder}${name.replace(/\.ts$/, "")}`
  );
}

Deno.test("the tables load a module with a run function for each of their names", async () => {
  for (const [name, { load }] of commands) {
    assertEquals(typeof (await load()).run, "function", name);
  }
});

Deno.test("the tables name every file of src/programs, each once", async () => {
  const loaded = await Promise.all(commands.map(async ([, { load }]) => (await load()).run));
  for (const file of programFiles("")) {
    const { run } = await import(new URL(`${file}.ts`, PROGRAM_FOLDER).href);
    assertEquals(loaded.filter((each) => each === run).length, 1, file);
  }
});

Deno.test("no subcommand has the name of a tool", () => {
  assertEquals(Object.keys(VERBS).filter((name) => Object.hasOwn(PROGRAMS, name)), []);
});

Deno.test("OPTION_VERBS leads to subcommands", () => {
  assertEquals(Object.values(OPTION_VERBS).filter((name) => !Object.hasOwn(VERBS, name)), []);
});
