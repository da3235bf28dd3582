/** The stand-ins for `@std`, and, where JSR can be reached, `@std` itself: both must pass. */

import * as stdAssert from "@std/assert";
import * as stdCli from "@std/cli";
import * as stdFs from "@std/fs";
import * as stdStreams from "@std/streams";
import * as standInAssert from "../../scripts/offline/std/assert.ts";
import * as standInCli from "../../scripts/offline/std/cli.ts";
import * as standInFs from "../../scripts/offline/std/fs.ts";
import * as standInStreams from "../../scripts/offline/std/streams.ts";
import { tempDir } from "../support/temp.ts";

/** This file's own assertion: the ones under test cannot vouch for themselves. */
function must(condition: boolean, what: string): void {
  if (!condition) throw new Error(what);
}

function thrownBy(body: () => unknown): Error | undefined {
  try {
    body();
  } catch (error) {
    return error as Error;
  }
  return undefined;
}

async function rejectionOf(body: () => PromiseLike<unknown>): Promise<Error | undefined> {
  try {
    await body();
  } catch (error) {
    return error as Error;
  }
  return undefined;
}

function withoutColours(text: string): string {
  // deno-lint-ignore no-control-regex -- colours are control characters
  return text.replace(/\x1b\[\d+m/g, "");
}

/** Makes a test of the stand-in, and one of the real module where that is another. */
function testBoth<T>(
  name: string,
  standIn: T,
  real: unknown,
  body: (module: T) => void | Promise<void>,
): void {
  Deno.test(`${name} (stand-in)`, () => body(standIn));
  if (real !== standIn) Deno.test(`${name} (@std)`, () => body(real as T));
}

const cycle = (): unknown => {
  const object: Record<string, unknown> = { a: 1 };
  object.self = object;
  return object;
};

const EQUAL: ReadonlyArray<[unknown, unknown]> = [
  [1, 1],
  [NaN, NaN],
  [0, -0],
  [Object.assign(Object.create(null), { a: 1 }), { a: 1 }],
  ["a", "a"],
  [null, null],
  [[1, [2]], [1, [2]]],
  [{ a: 1, b: { c: 2 } }, { b: { c: 2 }, a: 1 }],
  [new Uint8Array([1, 2]), new Uint8Array([1, 2])],
  [new Uint8Array([0, 1, 2]).subarray(1), new Uint8Array([1, 2])],
  [new Map([["a", { b: 1 }], ["c", { b: 2 }]]), new Map([["c", { b: 2 }], ["a", { b: 1 }]])],
  [new Set([{ a: 1 }, { a: 2 }]), new Set([{ a: 2 }, { a: 1 }])],
  [new Date(5), new Date(5)],
  [new Date(NaN), new Date(NaN)],
  [/a/g, /a/g],
  [new Error("a"), new Error("a")],
  [cycle(), cycle()],
];

const DIFFERENT: ReadonlyArray<[unknown, unknown]> = [
  [1, 2],
  [1, "1"],
  [0, null],
  [null, undefined],
  [{}, null],
  [[1], [1, 2]],
  [{ a: 1 }, { a: 2 }],
  [{ a: 1 }, { b: 1 }],
  [new Uint8Array([1, 2]), new Uint8Array([1, 3])],
  [new Uint8Array([1]), [1]],
  [new Uint8Array([1]), new Uint16Array([1])],
  [new Map([["a", 1]]), new Map([["a", 2]])],
  [new Set([1]), new Set([2])],
  [new Date(5), new Date(6)],
  [/a/g, /a/i],
  [new Error("a"), new TypeError("a")],
];

testBoth("assertEquals() compares by structure", standInAssert, stdAssert, (std) => {
  for (const [a, b] of EQUAL) {
    must(thrownBy(() => std.assertEquals(a, b)) === undefined, Deno.inspect([a, b]));
    const error = thrownBy(() => std.assertNotEquals(a, b));
    must(error instanceof std.AssertionError, Deno.inspect([a, b]));
  }
  for (const [a, b] of DIFFERENT) {
    must(thrownBy(() => std.assertNotEquals(a, b)) === undefined, Deno.inspect([a, b]));
    const error = thrownBy(() => std.assertEquals(a, b));
    must(error instanceof std.AssertionError, Deno.inspect([a, b]));
  }
});

testBoth("assertEquals() shows what differs", standInAssert, stdAssert, (std) => {
  const found = thrownBy(() => std.assertEquals({ a: 1, b: 2 }, { a: 1, b: 3 }, "why"));
  const message = found ? withoutColours(found.message) : "";
  for (const part of ["why", "-   ", "b: 2", "+   ", "b: 3"]) {
    must(message.includes(part), `${part} in ${message}`);
  }
});

testBoth("assert() and the like throw AssertionError", standInAssert, stdAssert, (std) => {
  const fails: Array<() => void> = [
    () => std.assert(0, "why"),
    () => std.assertExists(undefined, "why"),
    () => std.assertStringIncludes("abc", "d", "why"),
    () => std.assertMatch("abc", /d/, "why"),
    () => std.assertGreater(1, 1, "why"),
    () => std.assertGreaterOrEqual(1, 2, "why"),
    () => std.assertLess(1, 1, "why"),
    () => std.assertLessOrEqual(2, 1, "why"),
    () => std.fail("why"),
  ];
  for (const fail of fails) {
    const error = thrownBy(fail);
    must(error instanceof std.AssertionError, `${fail}`);
    must(error?.message.includes("why") ?? false, `${fail}`);
  }
});

testBoth("assert() and the like let pass what holds", standInAssert, stdAssert, (module) => {
  const std: typeof standInAssert = module;
  std.assert(1);
  std.assertExists(0);
  std.assertStringIncludes("abc", "b");
  std.assertMatch("abc", /b/);
  std.assertGreater(2, 1);
  std.assertGreaterOrEqual(1, 1);
  std.assertLess(1, 2);
  std.assertLessOrEqual(1, 1);
});

testBoth("assertThrows() checks class and message", standInAssert, stdAssert, (std) => {
  const boom = (): never => {
    throw new TypeError("a b c");
  };
  must(std.assertThrows(boom, TypeError, "b") instanceof TypeError, "returns the error");
  must(std.assertThrows(boom) instanceof TypeError, "any error");
  for (
    const wrong of [
      () => std.assertThrows(() => 1),
      () => std.assertThrows(boom, RangeError),
      () => std.assertThrows(boom, TypeError, "d"),
    ]
  ) must(thrownBy(wrong) instanceof std.AssertionError, `${wrong}`);
});

testBoth("assertRejects() checks class and message", standInAssert, stdAssert, async (std) => {
  const boom = (): Promise<never> => Promise.reject(new TypeError("a b c"));
  must(await std.assertRejects(boom, TypeError, "b") instanceof TypeError, "returns the error");
  must(await std.assertRejects(boom) instanceof TypeError, "any error");
  for (
    const wrong of [
      () => std.assertRejects(() => Promise.resolve(1)),
      () => std.assertRejects(boom, RangeError),
      () => std.assertRejects(boom, TypeError, "d"),
      () =>
        std.assertRejects(() => {
          throw new TypeError("not a promise");
        }),
    ]
  ) must(await rejectionOf(wrong) instanceof std.AssertionError, `${wrong}`);
});

testBoth("parseArgs() sorts options and arguments", standInCli, stdCli, ({ parseArgs }) => {
  const cases: ReadonlyArray<[string[], Parameters<typeof parseArgs>[1], unknown]> = [
    [["a", "b"], {}, { _: ["a", "b"] }],
    [["--n", "5", "-v", "x"], { boolean: ["v"] }, { _: ["x"], n: 5, v: true }],
    [["--n=5"], { string: ["n"] }, { _: [], n: "5" }],
    [["--n=a=b"], {}, { _: [], n: "a=b" }],
    [["-n5"], {}, { _: [], n: 5 }],
    [["-abc"], { boolean: ["a", "b", "c"] }, { _: [], a: true, b: true, c: true }],
    [["--count", "2"], { alias: { count: "c" } }, { _: [], count: 2, c: 2 }],
    [[], { default: { n: 1 }, boolean: ["v"] }, { _: [], n: 1, v: false }],
    [["-f", "a", "-f", "b"], { collect: ["f"] }, { _: [], f: ["a", "b"] }],
    [["-v", "run", "-v"], { boolean: ["v"], stopEarly: true }, { _: ["run", "-v"], v: true }],
    [["a", "--", "-b"], { "--": true }, { "_": ["a"], "--": ["-b"] }],
    [["a", "--", "-b"], {}, { _: ["a", "-b"] }],
    [["-f/a", "-n", "x"], {}, { _: [], f: "/a", n: "x" }],
    [["-5"], {}, { _: [], 5: true }],
    [["--v=true", "--w=yes"], { boolean: ["v", "w"] }, { _: [], v: true, w: false }],
    [["--v", "false", "5"], { boolean: ["v"] }, { _: [5], v: false }],
    [[], { collect: ["f", "g"], string: ["f"] }, { _: [], f: [] }],
    [["-v", "5", "6", "--", "7"], { boolean: ["v"], stopEarly: true }, {
      _: [5, "6", "7"],
      v: true,
    }],
    [["--odd", "x"], { boolean: ["v"], unknown: () => false }, { _: [], v: false }],
  ];
  for (const [args, options, expected] of cases) {
    const found: unknown = { ...parseArgs(args, options) };
    standInAssert.assertEquals(found, expected);
  }
});

testBoth("parseArgs() tells of what is unknown", standInCli, stdCli, ({ parseArgs }) => {
  const seen: string[] = [];
  parseArgs(["--odd", "-v"], { boolean: ["v"], unknown: (argument) => void seen.push(argument) });
  standInAssert.assertEquals(seen, ["--odd"]);
});

testBoth("exists() and its kin", standInFs, stdFs, async (std) => {
  await using dir = await tempDir();
  const [deep, file, dangling] = ["a/b", "a/f", "a/l"].map((name) => `${dir.path}/${name}`) as [
    string,
    string,
    string,
  ];
  await std.ensureDir(deep);
  await std.ensureDir(deep);
  std.ensureDirSync(deep);
  await Deno.writeTextFile(file, "");
  await Deno.symlink("nowhere", dangling);
  const rejected = await rejectionOf(() => std.ensureDir(file));
  must(rejected !== undefined, "ensureDir() of a file");
  must(await std.exists(file) && std.existsSync(file), "a file");
  must(await std.exists(file, { isFile: true }), "a file as a file");
  must(!await std.exists(file, { isDirectory: true }), "a file as a directory");
  must(std.existsSync(deep, { isDirectory: true }), "a directory");
  must(!await std.exists(dangling) && !std.existsSync(dangling), "a link to nothing");
  await std.emptyDir(`${dir.path}/a`);
  must([...Deno.readDirSync(`${dir.path}/a`)].length === 0, "emptied");
  await std.emptyDir(`${dir.path}/new`);
  must(std.existsSync(`${dir.path}/new`), "emptyDir() makes a directory");
});

testBoth(
  "toText() and toArrayBuffer() read to the end",
  standInStreams,
  stdStreams,
  async (std) => {
    const bytes = new TextEncoder().encode("aä");
    const halves = (): ReadableStream<Uint8Array> =>
      ReadableStream.from([bytes.slice(0, 2), bytes.slice(2)]);
    standInAssert.assertEquals(await std.toText(halves()), "aä");
    standInAssert.assertEquals(new Uint8Array(await std.toArrayBuffer(halves())), bytes);
  },
);

testBoth("TextLineStream splits across chunks", standInStreams, stdStreams, async (std) => {
  const lines = async (chunks: string[], allowCR = false): Promise<string[]> =>
    await Array.fromAsync(
      ReadableStream.from(chunks).pipeThrough(new std.TextLineStream({ allowCR })),
    );
  standInAssert.assertEquals(await lines(["a\nb", "c\r", "\n\nd"]), ["a", "bc", "", "d"]);
  standInAssert.assertEquals(await lines(["a\n"]), ["a"]);
  standInAssert.assertEquals(await lines(["a\rb\r", "\nc"], true), ["a", "b", "c"]);
});
