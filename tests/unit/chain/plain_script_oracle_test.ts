/** Scripts put together at random: what is read as plain, a shell reads in the same way. */

import { assertEquals } from "@std/assert";
import { type Bytes, concat, encode } from "../../../src/base/bytes.ts";
import { parsePlainScript } from "../../../src/chain/plain_script.ts";
import { writeExecutable } from "../../support/executable.ts";
import { tempDir } from "../../support/temp.ts";

const SCRIPTS = 400;
/** Pieces that a shell joins, splits, expands, redirects or drops. */
const PIECES = [
  ..." \t\n\\'\"#$*?[]{}~!;&|<>()=`%@:,.+-^/a2",
  "a",
  "b c",
  "'",
  '"',
  "''",
  '""',
  "'x y'",
  '"x  y"',
  "\\\n",
  " # c",
  "2>&1",
  " exec ",
  "\nexec 2>&1\n",
  "$a",
  "é",
];

/** Numbers from 0 up to a limit, the same ones for the same seed. */
function randomNumbers(seed: number): (limit: number) => number {
  return (limit) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor(seed / 2 ** 32 * limit);
  };
}

Deno.test("parsePlainScript() reads as the shell does", async () => {
  await using directory = await tempDir();
  const seed = Date.now() >>> 0;
  const seedNote = `seed ${seed}`;
  const random = randomNumbers(seed);
  let plain = 0;
  await writeExecutable(`${directory.path}/show`, '#!/bin/sh\nprintf "%s\\\\0" "$@"\n');
  for (let count = 0; count < SCRIPTS; count++) {
    const pieces = Array.from({ length: random(6) }, () => PIECES[random(PIECES.length)]!);
    const script = encode(`#!/bin/sh\nexec ./show ${pieces.join("")}\n`);
    const words = parsePlainScript(script)?.argv.slice(1);
    if (words === undefined) continue;
    plain++;
    Deno.writeFileSync(`${directory.path}/run`, script);
    const { stdout } = await new Deno.Command("/bin/sh", { args: ["run"], cwd: directory.path })
      .output();
    const shown = concat(...words.flatMap((word): Bytes[] => [word, Uint8Array.of(0)]));
    // printf prints its format once where there is no argument.
    assertEquals(
      stdout,
      words.length === 0 ? Uint8Array.of(0) : shown,
      `${seedNote}: ${pieces.join("")}`,
    );
  }
  if (plain < SCRIPTS / 20) throw new Error(`only ${plain} scripts were plain`);
});
