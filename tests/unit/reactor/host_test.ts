/** Reporting a bug. The C library stays loaded, for all tests after the first that uses it. */

import { assertEquals } from "@std/assert";
import { type Bytes, decode } from "../../../src/base/bytes.ts";
import { createHost, type Host } from "../../../src/reactor/host.ts";
import { linuxKernel } from "../../../src/system/linux/linux_kernel.ts";

/** A host that prints into `printed`. */
function hostThatPrints(
  printed: string[],
  describeBug: (error: unknown) => Promise<string>,
): Host {
  const kernel = {
    ...linuxKernel(),
    isWritable: () => true,
    write(_fd: number, from: Bytes): number {
      printed.push(decode(from));
      return from.length;
    },
  };
  return createHost({
    program: "svscan",
    kernel,
    environment: [],
    execAttributes: { limits: [], descriptors: [] },
    describeBug,
  });
}

/** Turns the loop once, in which something throws. */
async function fail({ reactor }: Host): Promise<void> {
  let hasThrown = false;
  reactor.post(() => {
    hasThrown = true;
    throw new Error("too deep");
  });
  await reactor.run(() => hasThrown);
}

Deno.test({
  name: "what a call of the event loop throws is described before the loop ends",
  sanitizeResources: false,
  fn: async () => {
    const printed: string[] = [];
    const describeBug = async (error: unknown) => {
      await new Promise((resolve) => setTimeout(resolve, 0));
      return `${error}\n    at fail (src/some.ts:1:2)`;
    };
    await fail(hostThatPrints(printed, describeBug));
    assertEquals(printed, [
      "svscan: warning: this is a bug: Error: too deep\n    at fail (src/some.ts:1:2)\n",
    ]);
  },
});

Deno.test({
  name: "where an error cannot be described, what is known of it is told",
  sanitizeResources: false,
  fn: async () => {
    const printed: string[] = [];
    await fail(hostThatPrints(printed, () => Promise.reject(new Error("no maps"))));
    const [first] = printed.join("").split("\n");
    assertEquals(first, "svscan: warning: this is a bug: Error: too deep");
  },
});
