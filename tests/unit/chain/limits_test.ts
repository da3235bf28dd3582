import { assertEquals } from "@std/assert";
import { encode } from "../../../src/base/bytes.ts";
import { decodeLimitValue, LIMIT_OPTIONS } from "../../../src/chain/limits.ts";
import { RLIMIT } from "../../../src/base/kernel_constants.ts";

const NONE = 2n ** 64n - 1n;

function limitOf(value: string, hard = NONE): bigint | null {
  return decodeLimitValue(encode(value), hard);
}

Deno.test("decodeLimitValue() reads decimal digits", () => {
  assertEquals(limitOf("0"), 0n);
  assertEquals(limitOf("0010"), 10n);
  assertEquals(limitOf("18446744073709551615"), NONE);
});

Deno.test("decodeLimitValue() takes no digits for 0", () => {
  assertEquals(limitOf(""), 0n);
});

Deno.test("decodeLimitValue() wraps modulo 2^64", () => {
  assertEquals(limitOf("18446744073709551616"), 0n);
  assertEquals(limitOf(`${"9".repeat(1000)}`), BigInt("9".repeat(1000)) % 2n ** 64n);
});

Deno.test("decodeLimitValue() goes up to the hard limit", () => {
  assertEquals(limitOf("11", 10n), 10n);
  assertEquals(limitOf("=", 10n), 10n);
  assertEquals(limitOf("=", NONE), NONE);
});

Deno.test("decodeLimitValue() refuses everything else", () => {
  for (const value of ["-1", "+1", " 1", "1 ", "1k", "0x10", "==", "=1", "1="]) {
    assertEquals(limitOf(value), null, value);
  }
});

Deno.test("LIMIT_OPTIONS has one resource for each letter, and four for -m", () => {
  assertEquals(Object.keys(LIMIT_OPTIONS).join(""), "acdflmoprst");
  assertEquals(LIMIT_OPTIONS["m"], [RLIMIT.DATA, RLIMIT.STACK, RLIMIT.MEMLOCK, RLIMIT.AS]);
  const single = Object.entries(LIMIT_OPTIONS).filter(([letter]) => letter !== "m");
  assertEquals(new Set(single.flatMap(([, resources]) => resources)).size, single.length);
});
