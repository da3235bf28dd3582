/** Limits of softlimit past tools of ours that must be executed, as they cannot go on in place. */

import { assert, assertEquals } from "@std/assert";
import { canCompare, Comparison, isRoot, type Launch } from "../support/chain.ts";
import { isReference } from "../support/tools.ts";

/** What the dynamic linker, the C library or the runtime look at only when they start. */
const START_FILES = {
  TZ: "UTC",
  TZDIR: "/nonexistent",
  LD_LIBRARY_PATH: "/nonexistent",
  MALLOC_ARENA_MAX: "1",
  RUST_BACKTRACE: "0",
  DENO_DIR: "/nonexistent",
};

const LIMITS = ["-a60000000", "-d60000000", "-m60000000", "-s9000000", "-o20"];

function test(name: string, launches: readonly Launch[]): void {
  Deno.test({
    name,
    ignore: isReference || !canCompare,
    async fn() {
      for (const launch of launches) {
        await using place = await Comparison.open();
        const [ours, theirs] = [await place.ours(launch), await place.theirs(launch)];
        assert(theirs.probe !== "", `the C tools ran no probe: ${theirs.stderr}`);
        assertEquals([ours.code, ours.stderr], [theirs.code, theirs.stderr], `${launch.chain}`);
        assertEquals(ours.probe, theirs.probe, `${launch.chain}`);
      }
    },
  });
}

test(
  "softlimit reaches the program past an envdir that sets what is read at the start",
  LIMITS.map((limit) => ({
    chain: ["softlimit", limit, "envdir", "e", "pgrphack", "setlock", "lock"],
    files: START_FILES,
  })),
);

test("softlimit reaches the program past each variable of the start", [
  ...Object.entries(START_FILES).map(([name, value]) => ({
    chain: ["softlimit", "-m60000000", "envdir", "e", "pgrphack"],
    files: { [name]: value },
  })),
]);

test("softlimit reaches the program past an environment of 70 KB", [{
  chain: ["softlimit", "-m60000000", "envdir", "e", "pgrphack"],
  files: { LONG: "x".repeat(70_000), TZ: "UTC" },
}]);

test("softlimit reaches the program past fghack", [{
  chain: ["softlimit", "-m60000000", "fghack", "pgrphack"],
}]);

test(
  "softlimit reaches the program past setuidgid",
  !isRoot ? [] : [{
    chain: ["softlimit", "-m60000000", "envdir", "e", "setuidgid", "daemon", "pgrphack"],
    files: START_FILES,
  }],
);
