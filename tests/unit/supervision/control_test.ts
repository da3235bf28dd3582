import { assertEquals } from "@std/assert";
import {
  CONTROL_LETTERS,
  controlLetter,
  MORE_CONTROL_LETTERS,
} from "../../../src/supervision/control.ts";

Deno.test("controlLetter() knows svc's letters and no other byte", () => {
  const known = [...Array(256).keys()].filter((byte) => controlLetter(byte) !== undefined);
  assertEquals(
    String.fromCharCode(...known),
    [...CONTROL_LETTERS, ...MORE_CONTROL_LETTERS].sort().join(""),
  );
});
