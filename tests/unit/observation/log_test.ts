import { assertEquals } from "@std/assert";
import { concat, decode, encode } from "../../../src/base/bytes.ts";
import { parseTime } from "../../../src/console/since.ts";
import { readLineTime } from "../../../src/observation/line_time.ts";
import { mergeLogs } from "../../../src/observation/log_merge.ts";
import { linesOf } from "../../../src/observation/log_reader.ts";
import { tai64nLabel } from "../../../src/base/tai64n.ts";

Deno.test("readLineTime() knows the three forms of multilog's labels", () => {
  const time = (line: string) => {
    const { at, text } = readLineTime(encode(line));
    return [at?.seconds, at?.nanoseconds, decode(text)];
  };
  assertEquals(time("@400000000000000b00000007 text"), [1, 7, "text"]);
  assertEquals(time("@400000000000000b00000007"), [1, 7, ""]);
  assertEquals(time("1970-01-01T00:00:02.000000003Z a b\n"), [2, 3, "a b"]);
  assertEquals(time("1970-01-01T01:00:02.500000000+01:00 x"), [2, 500_000_000, "x"]);
  assertEquals(time("@40 text"), [undefined, undefined, "@40 text"]);
  assertEquals(time("2026 text"), [undefined, undefined, "2026 text"]);
});

Deno.test("linesOf() gives a line without a time that of the line before", () => {
  const label = tai64nLabel({ seconds: 5, nanoseconds: 0 });
  const bytes = concat(`${label} one\ntwo\n`, Uint8Array.of(0xff), "\nend");
  assertEquals(linesOf(bytes).map(({ at, text }) => [at?.seconds, text.length]), [
    [5, 3],
    [5, 3],
    [5, 1],
    [5, 3],
  ]);
});

Deno.test("mergeLogs() orders by time and keeps each log's own order", () => {
  const line = (seconds: number | undefined, text: string) => {
    const at = seconds === undefined ? undefined : { seconds, nanoseconds: 0 };
    return { at, raw: encode(text), text: encode(text) };
  };
  const merged = mergeLogs([
    [line(1, "a1"), line(5, "a2"), line(2, "a3: the clock was set back"), line(6, "a4")],
    [line(undefined, "b1"), line(3, "b2"), line(5, "b3")],
  ]);
  assertEquals(merged.map(({ text }) => decode(text).slice(0, 2)), [
    "b1",
    "a1",
    "b2",
    "a2",
    "a3",
    "b3",
    "a4",
  ]);
});

Deno.test("parseTime() reads what people write", () => {
  const now = { seconds: Date.UTC(2026, 0, 31, 12) / 1000, nanoseconds: 5 };
  const seconds = (text: string) => parseTime(text, now)?.seconds;
  const local = (...parts: [number, number, number, number?, number?]) =>
    new Date(parts[0], parts[1], parts[2], parts[3] ?? 0, parts[4] ?? 0).getTime() / 1000;
  assertEquals(seconds("90s"), now.seconds - 90);
  assertEquals(seconds("2h"), now.seconds - 7200);
  assertEquals(seconds("2026-01-02 03:04Z"), Date.UTC(2026, 0, 2, 3, 4) / 1000);
  assertEquals(seconds("2026-01-02 03:04"), local(2026, 0, 2, 3, 4));
  assertEquals(seconds("2026-01-02"), local(2026, 0, 2));
  const today = new Date(now.seconds * 1000);
  const [year, month, day] = [today.getFullYear(), today.getMonth(), today.getDate()];
  assertEquals(seconds("today"), local(year, month, day));
  assertEquals(seconds("yesterday"), local(year, month, day - 1));
  assertEquals(seconds("3:04"), local(year, month, day, 3, 4));
  for (const wrong of ["", "x", "25:00", "10", "2026-13-01"]) {
    assertEquals(seconds(wrong), undefined);
  }
});
