import { assertEquals } from "@std/assert";
import { type Bytes, encode } from "../../../../src/base/bytes.ts";
import { tai64nLabel } from "../../../../src/base/tai64n.ts";
import { lastLabelTime, laterOf } from "../../../../src/logging/directory/last_label.ts";
import type { LabelForm } from "../../../../src/logging/label.ts";

const TIME = { seconds: 935467445, nanoseconds: 787492500 };
const LABEL = tai64nLabel(TIME);

/** In a file that was written at some time. */
const lastIn = (bytes: Bytes, form: LabelForm, seconds = TIME.seconds) =>
  lastLabelTime({ bytes, latest: { seconds, nanoseconds: 0 } }, form);

Deno.test("lastLabelTime() reads the last line's label, in the script's form", () => {
  const older = tai64nLabel({ seconds: 1, nanoseconds: 2 });
  assertEquals(lastIn(encode(`${older} one\n${LABEL} two\n`), "tai64n"), TIME);
  assertEquals(lastIn(encode(`${LABEL} `), "tai64n"), TIME);
  assertEquals(lastIn(encode(`${LABEL} two\n`), "iso-utc"), undefined);
  const iso = encode("1999-08-24T04:04:05.787492500Z \n");
  assertEquals(lastIn(iso, "iso-utc"), TIME);
  const local = encode("1999-08-24T00:34:05.787492500-03:30 x\n");
  assertEquals(lastIn(local, "iso-local"), TIME);
});

Deno.test("lastLabelTime() passes over what has no label, and labels that cannot be", () => {
  const rest = ["", "x", LABEL, LABEL.slice(0, 20), `x${LABEL} x`, `${LABEL.toUpperCase()} x`];
  const impossible = [`@7fffffffffffffff00000000 x`, `@400000004000000a3b9aca00 x`];
  const text = [`${LABEL} one`, ...rest, ...impossible].join("\n");
  assertEquals(lastIn(encode(text), "tai64n"), TIME);
  assertEquals(lastIn(encode("\n\n"), "tai64n"), undefined);
  assertEquals(lastIn(encode(""), "tai64n"), undefined);
  const wrong = encode("1999-13-24T04:04:05.787492500Z \n9999-12-31T04:04:05.000000000Z \n");
  assertEquals(lastIn(wrong, "iso-utc"), undefined);
});

Deno.test("lastLabelTime() passes over what is later than the file: its service printed it", () => {
  const ahead = tai64nLabel({ seconds: TIME.seconds + 1800, nanoseconds: 0 });
  const text = encode(`${LABEL} ours\n${ahead} not ours\n`);
  assertEquals(lastIn(text, "tai64n"), TIME);
  assertEquals(lastIn(text, "tai64n", TIME.seconds + 1799)?.seconds, TIME.seconds + 1800);
  // A file system that keeps whole seconds.
  assertEquals(lastIn(encode(`${LABEL} ours\n`), "tai64n", TIME.seconds - 1), TIME);
  assertEquals(lastIn(encode(`${LABEL} not\n`), "tai64n", TIME.seconds - 2), undefined);
});

Deno.test("laterOf() gives the later time, or the only one", () => {
  const later = { ...TIME, nanoseconds: TIME.nanoseconds + 1 };
  assertEquals(laterOf(TIME, later), later);
  assertEquals(laterOf(later, TIME), later);
  assertEquals(laterOf({ seconds: 1, nanoseconds: 9 }, TIME), TIME);
  assertEquals(laterOf(undefined, TIME), TIME);
  assertEquals(laterOf(TIME, undefined), TIME);
});
