/** Tortures svscan for a while and prints what came of it. See scripts/torture.sh. */

import { parseArgs } from "@std/cli/parse-args";
import { tempDir } from "../support/temp.ts";
import { isReference, TOOLS_DIR } from "../support/tools.ts";
import { Arena } from "./arena.ts";
import { isFlawless } from "./figures.ts";
import { Torture } from "./torture.ts";

const options = parseArgs(Deno.args, { string: ["seed", "seconds", "services", "descriptors"] });
const seed = Number(options.seed ?? Math.floor(Math.random() * 2 ** 32));
const seconds = Number(options.seconds ?? 60);
const services = Number(options.services ?? 8);
/** As many svscan may have open. */
const descriptors = Number(options.descriptors ?? 0) || undefined;
if (![seed, seconds, services].every(Number.isInteger) || options._.length > 0) {
  await say("usage: torture.sh [--seed N] [--seconds N] [--services N] [--descriptors N]\n", 2);
  Deno.exit(100);
}

async function say(text: string, fd: 1 | 2 = 1): Promise<void> {
  const stream = fd === 1 ? Deno.stdout : Deno.stderr;
  await stream.write(new TextEncoder().encode(text));
}

await say(`seed ${seed}, ${seconds} s, ${services} services, tools in ${TOOLS_DIR}\n`);
await using dir = await tempDir();
await using arena = new Arena(dir.path, TOOLS_DIR, isReference, descriptors);
await arena.build(services, 20);
const torture = new Torture(arena, seed);
const endMs = performance.now() + 1000 * seconds;
let told = 0;
try {
  await torture.begin();
  while (performance.now() < endMs) {
    await torture.round();
    for (const failure of torture.figures.failures.slice(told)) await say(`${failure}\n`);
    told = torture.figures.failures.length;
    const { rounds, supervisorKills, lines, doubles, lostLines } = torture.figures;
    if (rounds % 50 !== 0) continue;
    await say(
      `round ${rounds}: ${supervisorKills} kills of svscan, ${lines} lines, ` +
        `${doubles} doubles, ${lostLines} lost\n`,
    );
  }
  await torture.end();
} catch (error) {
  torture.figures.failures.push(error instanceof Error ? error.stack ?? error.message : `${error}`);
}
for (const [name, value] of Object.entries(torture.figures)) {
  if (name !== "failures") await say(`${name}: ${value}\n`);
}
for (const failure of torture.figures.failures.slice(told)) await say(`${failure}\n`);
const messages = [...new Set(arena.messages().split("\n"))].slice(0, 40).join("\n");
await say(`what svscan said, each line once:\n${messages}\n`);
await say(isFlawless(torture.figures) ? "flawless\n" : `not flawless; --seed ${seed}\n`);
Deno.exitCode = isFlawless(torture.figures) ? 0 : 1;
