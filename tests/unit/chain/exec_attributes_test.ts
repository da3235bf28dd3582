import { assertEquals } from "@std/assert";
import { RLIMIT } from "../../../src/base/kernel_constants.ts";
import {
  addAttributes,
  holdBackLimits,
  limitOf,
  lowestFreeDescriptors,
} from "../../../src/chain/exec_attributes.ts";
import type { ExecAttributes, ResourceLimit } from "../../../src/system/kernel.ts";

const NONE: ExecAttributes = { limits: [], descriptors: [] };

function limited(resource: number, soft: bigint) {
  return { resource, limit: { soft, hard: 1000n } };
}

Deno.test("addAttributes() keeps what is there and puts more behind it", () => {
  const [first, second] = [limited(RLIMIT.AS, 1n), limited(RLIMIT.AS, 2n)];
  const descriptor = { from: 20, to: 3 };
  const once = addAttributes(NONE, { limits: [first] });
  const twice = addAttributes(once, { limits: [second], descriptors: [descriptor] });
  assertEquals(once, { limits: [first], descriptors: [] });
  assertEquals(twice, { limits: [first, second], descriptors: [descriptor] });
});

Deno.test("limitOf() tells the limit that is applied last", () => {
  const attributes = addAttributes(NONE, {
    limits: [limited(RLIMIT.AS, 1n), limited(RLIMIT.AS, 2n), limited(RLIMIT.CPU, 3n)],
  });
  assertEquals(limitOf(attributes, RLIMIT.AS)?.soft, 2n);
  assertEquals(limitOf(attributes, RLIMIT.NOFILE), undefined);
});

Deno.test("holdBackLimits() applies what the runtime can live with", () => {
  const applied: [number, ResourceLimit][] = [];
  const setLimit = (resource: number, limit: ResourceLimit) => void applied.push([resource, limit]);
  const tight = [RLIMIT.AS, RLIMIT.DATA, RLIMIT.STACK, RLIMIT.NPROC].map((each) =>
    limited(each, 9n)
  );
  const few = limited(RLIMIT.NOFILE, 63n);
  const many = limited(RLIMIT.NOFILE, 64n);
  const harmless = limited(RLIMIT.CORE, 0n);
  const descriptors = [{ from: 20, to: 3 }];
  const limits = [...tight, few, many, harmless];
  const left = holdBackLimits({ setLimit }, { limits, descriptors });
  assertEquals(left, { limits: [...tight, few], descriptors });
  assertEquals(applied, [many, harmless].map(({ resource, limit }) => [resource, limit]));
});

Deno.test("lowestFreeDescriptors() passes over the caller's and those given away", () => {
  const kernel = { inheritedDescriptors: () => [0, 2, 4] };
  assertEquals(lowestFreeDescriptors(kernel, NONE, 3), [1, 3, 5]);
  const given = addAttributes(NONE, { descriptors: [{ from: 20, to: 3 }] });
  assertEquals(lowestFreeDescriptors(kernel, given, 2), [1, 5]);
});
