import { assertEquals } from "@std/assert";
import { bequeath, holdBackLimits, lowestFreeDescriptors } from "../../../src/chain/bequest.ts";
import { RLIMIT } from "../../../src/base/kernel_constants.ts";
import type { Kernel, ResourceLimit, SpawnPlan } from "../../../src/system/kernel.ts";

/** A kernel that only notes what it is asked to do. */
function noting(inherited: number[] = [0, 1, 2]) {
  const plans: SpawnPlan[] = [];
  const limits: [number, ResourceLimit][] = [];
  const kernel = {
    spawn: (plan: SpawnPlan) => plans.push(plan),
    setLimit: (resource: number, limit: ResourceLimit) => void limits.push([resource, limit]),
    inheritedDescriptors: () => inherited,
  } as Partial<Kernel> as Kernel;
  return { kernel, plans, limits };
}

function limited(resource: number, soft: bigint) {
  return { resource, limit: { soft, hard: 1000n } };
}

const PLAN: SpawnPlan = { path: "x", argv: [], environment: [], directoryFd: -100 };

Deno.test("bequeath() adds to what is left already, and gives it to what is started", () => {
  const { kernel, plans } = noting();
  const [first, second] = [limited(RLIMIT.AS, 1n), limited(RLIMIT.AS, 2n)];
  const descriptor = { from: 20, to: 3 };
  const once = bequeath(kernel, { limits: [first] });
  const twice = bequeath(once, { limits: [second], descriptors: [descriptor] });
  assertEquals(once.bequest, { limits: [first], descriptors: [] });
  assertEquals(twice.bequest, { limits: [first, second], descriptors: [descriptor] });
  twice.spawn(PLAN);
  assertEquals(plans, [{ ...PLAN, bequest: twice.bequest }]);
});

Deno.test("bequeath() leaves the last word to who starts a program", () => {
  const { kernel, plans } = noting();
  const [lock, own] = [{ from: 20, to: 4 }, { from: 21, to: 4 }];
  const outer = bequeath(bequeath(kernel, { descriptors: [lock] }), {});
  outer.spawn({ ...PLAN, bequest: { limits: [], descriptors: [own] } });
  assertEquals(plans[0]?.bequest?.descriptors, [lock, own]);
});

Deno.test("holdBackLimits() applies what the runtime can live with", () => {
  const { kernel, limits } = noting();
  const tight = [RLIMIT.AS, RLIMIT.DATA, RLIMIT.STACK, RLIMIT.NPROC].map((each) =>
    limited(each, 9n)
  );
  const few = limited(RLIMIT.NOFILE, 63n);
  const many = limited(RLIMIT.NOFILE, 64n);
  const harmless = limited(RLIMIT.CORE, 0n);
  const held = holdBackLimits(bequeath(kernel, { limits: [...tight, few, many, harmless] }));
  assertEquals(held.bequest?.limits, [...tight, few]);
  assertEquals(limits, [many, harmless].map(({ resource, limit }) => [resource, limit]));
});

Deno.test("holdBackLimits() keeps a kernel without a bequest", () => {
  const { kernel } = noting();
  assertEquals(holdBackLimits(kernel), kernel);
});

Deno.test("lowestFreeDescriptors() passes over the caller's and those given away", () => {
  const { kernel } = noting([0, 2, 4]);
  assertEquals(lowestFreeDescriptors(kernel, 3), [1, 3, 5]);
  const other = bequeath(kernel, { descriptors: [{ from: 20, to: 3 }] });
  assertEquals(lowestFreeDescriptors(other, 2), [1, 5]);
});
