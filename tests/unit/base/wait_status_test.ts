import { assertEquals } from "@std/assert";
import { decodeWaitStatus, exitCodeFor } from "../../../src/base/wait_status.ts";

Deno.test("decodeWaitStatus() tells exit codes from signals", () => {
  assertEquals(decodeWaitStatus(0), { code: 0 });
  assertEquals(decodeWaitStatus(111 << 8), { code: 111 });
  assertEquals(decodeWaitStatus(15), { signal: 15 });
  // With a core dump.
  assertEquals(decodeWaitStatus(0x80 | 11), { signal: 11 });
});

Deno.test("exitCodeFor() passes exit codes on, and signals as a shell does", () => {
  assertEquals([7 << 8, 0, 9].map(exitCodeFor), [7, 0, 137]);
});
