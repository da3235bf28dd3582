import { assertEquals } from "@std/assert";
import { decodeStatus, encodeStatus, STATUS_SIZE } from "../../../src/base/status_record.ts";

const SINCE = { seconds: 1, nanoseconds: 0x01020304 };

Deno.test("encodeStatus() lays out 18 bytes, the process id little-endian", () => {
  assertEquals(
    encodeStatus(SINCE, { pid: 0x0a0b0c0d, paused: true, want: "down" }),
    Uint8Array.of(0x40, 0, 0, 0, 0, 0, 0, 0x0b, 1, 2, 3, 4, 0x0d, 0x0c, 0x0b, 0x0a, 1, 0x64),
  );
});

Deno.test("decodeStatus() reads what encodeStatus() wrote", () => {
  for (const want of ["up", "down", "once"] as const) {
    const status = { pid: 4_000_000_000, paused: false, want };
    const bytes = encodeStatus(SINCE, status);
    assertEquals(bytes.length, STATUS_SIZE);
    assertEquals(decodeStatus(bytes), {
      taiSeconds: 0x400000000000000bn,
      nanoseconds: SINCE.nanoseconds,
      ...status,
    });
  }
});

Deno.test("decodeStatus() takes an unknown want byte for neither", () => {
  const bytes = encodeStatus(SINCE, { pid: 1, paused: false, want: "up" });
  bytes[17] = 0x7a;
  assertEquals(decodeStatus(bytes).want, "once");
});
