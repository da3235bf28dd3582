import { assert, assertEquals } from "@std/assert";
import { layOutTable, shorten } from "../../../src/console/table.ts";
import { textWidth } from "../../../src/console/text_width.ts";

const COLUMNS = [
  { heading: "NAME", shortest: 4 },
  { heading: "PID", align: "right" as const },
  { heading: "MORE", dropped: 1 },
  { heading: "MOST", dropped: 2 },
];
const ROW = ["a-long-name", "12345", "more", "most"].map((text) => ({ text }));

Deno.test("layOutTable() gives each column the room that it needs", () => {
  assertEquals(layOutTable(COLUMNS, [ROW, [{ text: "b" }, { text: "1" }]]), [
    "NAME           PID  MORE  MOST",
    "a-long-name  12345  more  most",
    "b                1",
  ]);
});

Deno.test("layOutTable() cuts texts first, then drops columns, the highest number first", () => {
  assertEquals(layOutTable(COLUMNS, [ROW], 26)[1], "a-long…  12345  more  most");
  assertEquals(layOutTable(COLUMNS, [ROW], 22)[1], "a-long-n…  12345  more");
  assertEquals(layOutTable(COLUMNS, [ROW], 12)[1], "a-lo…  12345");
  for (let width = 11; width < 40; width++) {
    for (const line of layOutTable(COLUMNS, [ROW], width)) assert([...line].length <= width, line);
  }
});

Deno.test("layOutTable() paints texts after it gave them their width", () => {
  const paint = (text: string) => `<${text}>`;
  assertEquals(
    layOutTable([{ heading: "A" }, { heading: "B" }], [[{ text: "x", paint }]])[1],
    "<x>",
  );
});

Deno.test("shorten() counts columns of a terminal", () => {
  assertEquals(shorten("🦕🦕🦕", 6), "🦕🦕🦕");
  assertEquals(shorten("🦕🦕🦕🦕", 6), "🦕🦕…");
  assertEquals(shorten("🦕🦕🦕🦕", 5), "🦕🦕…");
  assertEquals(shorten("naïve", 5), "naïve");
});

Deno.test("layOutTable() gives wide characters their two columns", () => {
  const cells = (...texts: string[]) => texts.map((text) => ({ text }));
  const lines = layOutTable([{ heading: "A" }, { heading: "B" }], [
    cells("天地", "x"),
    cells("abcd", "y"),
  ]);
  assertEquals(lines, ["A     B", "天地  x", "abcd  y"]);
});

Deno.test("textWidth() counts columns", () => {
  const widths = {
    "": 0,
    hello: 5,
    "天地玄黃": 8,
    "ｆｕｌｌ": 8,
    "голубой": 7,
    "🦕": 2,
    "e\u0301": 1,
  };
  const more = { "…": 1, "●": 1, "한글": 4, "ひらカタ": 8, "\x1b": 0, "ü\n": 1 };
  for (const [text, width] of Object.entries({ ...widths, ...more })) {
    assertEquals(textWidth(text), width, text);
  }
});
