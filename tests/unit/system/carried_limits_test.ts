import { assertEquals } from "@std/assert";
import { encode } from "../../../src/base/bytes.ts";
import { takeCarriedLimits, withCarriedLimits } from "../../../src/system/carried_limits.ts";

const ENVIRONMENT = ["A=1", "PATH=/bin"].map(encode);
const NONE = 2n ** 64n - 1n;

Deno.test("takeCarriedLimits() takes what withCarriedLimits() put in", () => {
  const limits = [
    { resource: 9, limit: { soft: 8000000n, hard: NONE } },
    { resource: 3, limit: { soft: 0n, hard: 7n } },
  ];
  const taken = takeCarriedLimits(withCarriedLimits(ENVIRONMENT, limits));
  assertEquals(taken, { environment: ENVIRONMENT, limits });
});

Deno.test("withCarriedLimits() adds nothing for no limits", () => {
  assertEquals(withCarriedLimits(ENVIRONMENT, []), ENVIRONMENT);
});

Deno.test("takeCarriedLimits() leaves alone what is not of that form, or not last", () => {
  for (const text of ["", "9", "9:1", "9:1:2", "9:x:2,", "9:1:2,;", "-1:1:2,"]) {
    const environment = [...ENVIRONMENT, encode(`DAEMONTOOLS_CARRIED_LIMITS=${text}`)];
    assertEquals(takeCarriedLimits(environment), { environment, limits: [] }, text);
  }
  const first = [encode("DAEMONTOOLS_CARRIED_LIMITS=9:1:2,"), ...ENVIRONMENT];
  assertEquals(takeCarriedLimits(first), { environment: first, limits: [] });
});
