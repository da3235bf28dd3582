/** Laying out modules for the bundler. */

import { assertEquals, assertThrows } from "@std/assert";
import { type GraphModule, layOut } from "../../../scripts/lib/module_graph.ts";

function ours(path: string, ...imports: [name: string, specifier: string][]): GraphModule {
  return {
    specifier: `file:///the%20root/${path}`,
    local: `/the root/${path}`,
    dependencies: imports.map(([specifier, target]) => ({
      specifier,
      code: { specifier: target },
    })),
  };
}

Deno.test("layOut() leaves our modules where they are", () => {
  const modules = [
    ours("main.ts", ["./src/a.ts", "file:///the%20root/src/a.ts"]),
    ours("src/a.ts"),
  ];
  const { places, names } = layOut({ modules }, "/the root", "/to");
  assertEquals([...places], [
    ["/the root/main.ts", "/the root/main.ts"],
    ["/the root/src/a.ts", "/the root/src/a.ts"],
  ]);
  assertEquals([...names], []);
});

Deno.test("layOut() finds places for what was fetched, by its URL, through redirects", () => {
  const url = "https://jsr.io/@std/fs/1.0.1/exists.ts";
  const modules = [
    ours("main.ts", ["@std/fs/exists", "jsr:@std/fs@^1/exists"]),
    { specifier: url, local: "/cache/abc", dependencies: [] },
  ];
  const redirects = { "jsr:@std/fs@^1/exists": url };
  const { places, names } = layOut({ modules, redirects }, "/the root", "/to");
  assertEquals(places.get("/to/jsr.io/@std/fs/1.0.1/exists.ts"), "/cache/abc");
  assertEquals([...names], [["@std/fs/exists", "/to/jsr.io/@std/fs/1.0.1/exists.ts"]]);
});

Deno.test("layOut() takes the stand-ins for @std", () => {
  const standIn = "scripts/offline/std/fs.ts";
  const modules = [ours("main.ts", ["@std/fs", `file:///the%20root/${standIn}`]), ours(standIn)];
  const { names } = layOut({ modules }, "/the root", "/to");
  assertEquals([...names], [["@std/fs", `/the root/${standIn}`]]);
});

Deno.test("layOut() passes over imports of types", () => {
  const importer = {
    ...ours("main.ts"),
    dependencies: [{ specifier: "@std/cli", type: { specifier: "jsr:@std/cli" } }],
  };
  assertEquals([...layOut({ modules: [importer] }, "/the root", "/to").names], []);
});

for (
  const specifier of [
    "https://jsr.io/@other/fs/1.0.1/mod.ts",
    "https://deno.land/std/mod.ts",
    "file:///the%20root/scripts/checks/run.ts",
    "file:///elsewhere/src/a.ts",
    "npm:esbuild@1",
    "node:fs",
  ]
) {
  Deno.test(`layOut() refuses ${specifier}`, () => {
    const modules = [{ specifier, local: "/cache/abc" }];
    const error = assertThrows(() => layOut({ modules }, "/the root", "/to"), Error);
    assertEquals(error.message, `${specifier} must not be in the executable`);
  });
}

Deno.test("layOut() says what cannot be had", () => {
  const modules = [{ specifier: "file:///the%20root/src/a.ts" }];
  const error = assertThrows(() => layOut({ modules }, "/the root", "/to"), Error);
  assertEquals(error.message, "file:///the%20root/src/a.ts cannot be had");
});
