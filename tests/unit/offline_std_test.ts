/** The stand-ins for `@std`, and, where JSR can be reached, `@std` itself: both must pass. */

import * as stdAssert from "@std/assert";
import * as stdParseArgs from "@std/cli/parse-args";
import * as stdSpinner from "@std/cli/unstable-spinner";
import * as stdEnsureDir from "@std/fs/ensure-dir";
import * as stdExists from "@std/fs/exists";
import * as stdToBytes from "@std/streams/to-bytes";
import * as standInAssert from "../../scripts/offline/std/assert.ts";
import * as standInParseArgs from "../../scripts/offline/std/cli/parse_args.ts";
import * as standInSpinner from "../../scripts/offline/std/cli/spinner.ts";
import * as standInEnsureDir from "../../scripts/offline/std/fs/ensure_dir.ts";
import * as standInExists from "../../scripts/offline/std/fs/exists.ts";
import * as standInToBytes from "../../scripts/offline/std/streams/to_bytes.ts";
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

class Point {
  constructor(readonly x: number) {}
}

const sameError = new Error("a");

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
  [new Point(1), new Point(1)],
  [new Float64Array([NaN]), new Float64Array([NaN])],
  [cycle(), cycle()],
  [sameError, sameError],
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
  // Made in two places.
  [new Error("a"), new Error("a")],
  [Object.create({ inherited: 1 }), Object.create({ inherited: 2 })],
  [new Point(1), new Point(2)],
  [new Point(1), { x: 1 }],
];

testBoth("assertEquals() compares by structure", standInAssert, stdAssert, (std) => {
  for (const [a, b] of EQUAL) {
    must(thrownBy(() => std.assertEquals(a, b)) === undefined, Deno.inspect([a, b]));
  }
  for (const [a, b] of DIFFERENT) {
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
    () => std.assertStringIncludes("abc", "d", "why"),
    () => std.assertMatch("abc", /d/, "why"),
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
  std.assertStringIncludes("abc", "b");
  std.assertMatch("abc", /b/);
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

type ParseArgs = typeof standInParseArgs;

testBoth(
  "parseArgs() sorts options and arguments",
  standInParseArgs,
  stdParseArgs,
  ({ parseArgs }: ParseArgs) => {
    const cases: ReadonlyArray<[string[], Parameters<typeof parseArgs>[1], unknown]> = [
      [["a", "b", "-"], {}, { _: ["a", "b", "-"] }],
      [["--n", "5", "-v", "x"], { boolean: ["v"] }, { _: ["x"], n: 5, v: true }],
      [["--n=5", "7"], { string: ["n", "_"] }, { _: ["7"], n: "5" }],
      [["--n=a=b"], {}, { _: [], n: "a=b" }],
      [["-n5"], {}, { _: [], n: 5 }],
      [["-abc"], { boolean: ["a", "b", "c"] }, { _: [], a: true, b: true, c: true }],
      [["--count", "2"], { alias: { count: "c" } }, { _: [], count: 2, c: 2 }],
      [["-c", "2"], { alias: { count: ["c", "k"] }, string: ["count"] }, {
        _: [],
        count: "2",
        c: "2",
        k: "2",
      }],
      [["-f", "a", "-f", "b"], { collect: ["f"] }, { _: [], f: ["a", "b"] }],
      [["-v", "run", "-v"], { boolean: ["v"], stopEarly: true }, { _: ["run", "-v"], v: true }],
      [["a", "--", "-b"], { "--": true }, { "_": ["a"], "--": ["-b"] }],
      [["a", "--", "-b"], {}, { _: ["a", "-b"] }],
      [["-f/a", "-n", "x"], {}, { _: [], f: "/a", n: "x" }],
      [["-5"], {}, { _: [], 5: true }],
      [["--v=true", "--w=yes", "--x=false"], { boolean: ["v", "w", "x"] }, {
        _: [],
        v: true,
        w: true,
        x: false,
      }],
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
      standInAssert.assertEquals(found, expected, args.join(" "));
    }
  },
);

testBoth(
  "parseArgs() tells of what is unknown",
  standInParseArgs,
  stdParseArgs,
  ({ parseArgs }: ParseArgs) => {
    const seen: unknown[] = [];
    const unknown = (...what: unknown[]) => void seen.push(what);
    parseArgs(["--odd", "-v", "-xy", "5"], { boolean: ["v"], alias: { y: "z" }, unknown });
    standInAssert.assertEquals(seen, [["--odd", "odd", true], ["-xy", "x", true]]);
  },
);

/** Whether the imports of this file lead to `@std` itself. */
const hasReal: boolean = (stdParseArgs as unknown) !== standInParseArgs;

Deno.test({
  name: "parseArgs() of the stand-in does what that of @std does with any command line",
  ignore: !hasReal,
  fn: () => {
    const seed = Math.floor(Math.random() * 2 ** 31);
    const random = numbersFrom(seed);
    const pick = <T>(list: readonly T[]): T => list[random(list.length)] as T;
    const [long, short] = [["name", "flag", "many", "odd"], ["n", "f", "m", "o"]];
    const value = (): string =>
      pick(["", "5", "-5", "x", "a=b", "true", "false", "0x1f", " ", "-"]);
    const word = (): string =>
      pick([
        () => `--${pick(long)}`,
        () => `--${pick(long)}=${value()}`,
        () => `--no-${pick(long)}`,
        () => `-${pick(short)}`,
        () => `-${pick(short)}${pick(short)}${pick(["", "5", "=", "=v", "/a", "-", "x7"])}`,
        value,
        value,
        () => pick(["--", "-", "--=", "-=x", "---", "word"]),
      ])();
    for (let turn = 0; turn < 20_000; turn++) {
      const args = Array.from({ length: random(6) }, word);
      const calls: unknown[][] = [[], []];
      const optionsFor = (index: number): Parameters<ParseArgs["parseArgs"]>[1] => ({
        boolean: ["flag"],
        string: ["name", "many", ...turn % 2 ? ["_"] : []],
        collect: turn % 3 ? ["many"] : ["many", "odd"],
        alias: turn % 5 ? { name: "n", flag: "f", many: ["m"] } : {},
        stopEarly: turn % 7 === 0,
        "--": turn % 11 === 0,
        unknown: (...what) => {
          calls[index]!.push(what);
          return turn % 13 !== 0;
        },
      });
      const ours = standInParseArgs.parseArgs(args, optionsFor(0));
      const theirs: unknown = (stdParseArgs as ParseArgs).parseArgs(args, optionsFor(1));
      const what = `seed ${seed}, turn ${turn}: ${JSON.stringify(args)}`;
      standInAssert.assertEquals<unknown>({ ...ours }, { ...(theirs as object) }, what);
      standInAssert.assertEquals(calls[0], calls[1], what);
    }
  },
});

/** A source of whole numbers below a bound, the same ones for the same seed (a xorshift). */
function numbersFrom(seed: number): (bound: number) => number {
  let state = seed | 1;
  return (bound) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % bound;
  };
}

testBoth("ensureDir() makes what is missing", standInEnsureDir, stdEnsureDir, async (std) => {
  await using dir = await tempDir();
  const [deep, file] = [`${dir.path}/a/b`, `${dir.path}/f`];
  await std.ensureDir(deep);
  await std.ensureDir(deep);
  std.ensureDirSync(deep);
  std.ensureDirSync(`${deep}/c`);
  must((await Deno.stat(`${deep}/c`)).isDirectory, "a directory");
  await Deno.writeTextFile(file, "");
  must(await rejectionOf(() => std.ensureDir(file)) !== undefined, "ensureDir() of a file");
  must(thrownBy(() => std.ensureDirSync(file)) !== undefined, "ensureDirSync() of a file");
});

testBoth("existsSync() follows links", standInExists, stdExists, async (std) => {
  await using dir = await tempDir();
  const dangling = `${dir.path}/l`;
  await Deno.symlink("nowhere", dangling);
  must(std.existsSync(dir.path), "a directory");
  must(!std.existsSync(dangling), "a link to nothing");
  await Deno.writeTextFile(`${dir.path}/nowhere`, "");
  must(std.existsSync(dangling), "a link to a file");
  must(!std.existsSync(`${dir.path}/other`), "nothing");
});

testBoth("toBytes() reads to the end", standInToBytes, stdToBytes, async (std) => {
  const stream = ReadableStream.from([Uint8Array.of(1, 2), Uint8Array.of(), Uint8Array.of(3)]);
  standInAssert.assertEquals(await std.toBytes(stream), Uint8Array.of(1, 2, 3));
  standInAssert.assertEquals(await std.toBytes(ReadableStream.from([])), new Uint8Array());
});

testBoth("Spinner turns and clears its line", standInSpinner, stdSpinner, ({ Spinner }) => {
  const written: string[] = [];
  const output: typeof Deno.stderr = Object.create(Deno.stderr, {
    writable: { value: { locked: false } },
    writeSync: {
      value(bytes: Uint8Array): number {
        written.push(new TextDecoder().decode(bytes));
        return bytes.length;
      },
    },
  });
  const spinner = new Spinner({ message: "busy", output });
  must(spinner.message === "busy", "the message can be read");
  spinner.start();
  spinner.stop();
  spinner.stop();
  must(written.length === 2, `${written}`);
  must(written[0]!.startsWith("\r\x1b[K") && written[0]!.endsWith(" busy"), `${written[0]}`);
  must(written[1] === "\r\x1b[K", `${written[1]}`);
});
