/** A short round of the torture; `sh scripts/torture.sh` does it for as long as one likes. */

import { assert } from "@std/assert";
import { Arena } from "../torture/arena.ts";
import { isFlawless } from "../torture/figures.ts";
import { Torture } from "../torture/torture.ts";
import { tempDir } from "../support/temp.ts";
import { hasPerl, isReference, TOOLS_DIR } from "../support/tools.ts";

const SERVICES = 4;
const ROUNDS = 3;
const PAUSE_MS = 20;

Deno.test({
  name: "svscan, services and loggers are killed at random, and nothing is lost or doubled",
  // The C tools are not made for it.
  ignore: isReference || !hasPerl,
  fn: async () => {
    const seed = Number(Deno.env.get("TORTURE_SEED") ?? Math.floor(Math.random() * 2 ** 32));
    await using dir = await tempDir();
    await using arena = new Arena(dir.path, TOOLS_DIR, false);
    await arena.build(SERVICES, PAUSE_MS);
    const torture = new Torture(arena, seed);
    await torture.begin();
    for (let round = 0; round < ROUNDS; round++) await torture.round();
    await torture.end();
    const { figures } = torture;
    assert(
      isFlawless(figures) && figures.lines > 0,
      `seed ${seed}\n${JSON.stringify(figures, null, 2)}\n${arena.messages()}`,
    );
  },
});
