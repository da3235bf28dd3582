import { assertEquals } from "@std/assert";
import { packTai64n, tai64nLabel, unpackTai64Seconds } from "../../../src/base/tai64n.ts";

// The example of cr.yp.to/daemontools/tai64n.html, less the leap seconds that it counts.
const TIME = { seconds: 0x37c219bf - 10, nanoseconds: 0x2ef02e94 };

Deno.test("tai64nLabel() is @ and 24 digits", () => {
  assertEquals(tai64nLabel(TIME), "@4000000037c219bf2ef02e94");
  assertEquals(tai64nLabel({ seconds: 0, nanoseconds: 0 }), "@400000000000000a00000000");
  assertEquals(tai64nLabel({ seconds: -11, nanoseconds: 500 }), "@3fffffffffffffff000001f4");
});

Deno.test("packTai64n() writes 12 bytes that unpackTai64Seconds() reads", () => {
  const bytes = new Uint8Array(14).fill(0xee);
  packTai64n(TIME, bytes, 1);
  assertEquals(
    bytes,
    Uint8Array.of(0xee, 0x40, 0, 0, 0, 0x37, 0xc2, 0x19, 0xbf, 0x2e, 0xf0, 0x2e, 0x94, 0xee),
  );
  assertEquals(unpackTai64Seconds(bytes, 1), 0x4000000037c219bfn);
});
